/// An object that clients see: one list of its members, from which follow how it is read, how it is written, and what
/// documents say of it.
///
/// A member that is missing in the list would be lost on the way; a test looks whether each property stands in it.
package protocol DescribedObject: JSONCodable, Described {
    /// A sentence on what it is.
    static var about: String { get }
    /// Under which documents describe it.
    static var schemaName: String { get }
    /// One as a client might meet it. Reading begins with it, so it is made once.
    static var example: Self { get }

    /// Tells `list` each member once, in the order in which they are written.
    static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure)
}

/// What goes through the members of an object: it reads them, writes them, or notes what they are.
package protocol MemberList {
    associatedtype Failure: Error

    /// A member that is always there.
    /// - Parameters:
    ///   - name: plain ASCII that needs no escaping.
    ///   - about: a sentence.
    ///   - schema: where the type alone does not say what it may be.
    mutating func member<Value: JSONCodable & Described>(
        _ name: StaticString, _ value: inout Value, _ about: StaticString, as schema: @autoclosure () -> Schema
    ) throws(Failure)

    /// A member that is left out when there is no value.
    mutating func memberIfPresent<Value: JSONCodable & Described>(
        _ name: StaticString, _ value: inout Value?, _ about: StaticString, as schema: @autoclosure () -> Schema
    ) throws(Failure)

    /// A member that follows from the others: written, and not read.
    mutating func derived<Value: JSONWritable & Described>(
        _ name: StaticString, _ value: @autoclosure () -> Value, _ about: StaticString)

    /// A member that always says the same.
    mutating func constant(_ name: StaticString, _ text: StaticString, _ about: StaticString)
}

extension MemberList {
    @inlinable
    package mutating func member<Value: JSONCodable & Described>(
        _ name: StaticString, _ value: inout Value, _ about: StaticString
    ) throws(Failure) {
        try member(name, &value, about, as: Value.schema)
    }

    @inlinable
    package mutating func memberIfPresent<Value: JSONCodable & Described>(
        _ name: StaticString, _ value: inout Value?, _ about: StaticString
    ) throws(Failure) {
        try memberIfPresent(name, &value, about, as: Value.schema)
    }
}

extension DescribedObject {
    package static var schemaName: String { String(describing: Self.self) }

    package static var schema: Schema {
        assert(
            tellsEachProperty,
            "\(Self.self): each stored property must stand in members(of:_:) once, with a sentence on what it is")
        return .object(
            ObjectSchema(
                name: schemaName, about: about, members: recorded.members,
                example: try? JSONParser.parse(JSONWriter.encode(example)).value))
    }

    /// Whether the list has as many members as the type has properties, those apart that follow from others.
    package static var tellsEachProperty: Bool {
        Mirror(reflecting: example).children.count == recorded.propertyCount
    }

    private static var recorded: MemberRecorder {
        var (list, object) = (MemberRecorder(), example)
        members(of: &object, &list)
        return list
    }

    @inlinable
    package init(json: JSON) throws(JSONMismatch) {
        self = Self.example
        var reader = MemberReader(json)
        try Self.members(of: &self, &reader)
    }

    @inlinable
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writeMembers(to: &writer)
        writer.endObject()
    }

    /// Its members alone, for an object that has others behind them.
    @inlinable
    package func writeMembers(to writer: inout JSONWriter) {
        var copy = self
        Self.members(of: &copy, &writer)
    }
}

extension JSONWriter: MemberList {
    package typealias Failure = Never

    @inlinable
    package mutating func member<Value: JSONCodable & Described>(
        _ name: StaticString, _ value: inout Value, _ about: StaticString,
        as schema: @autoclosure () -> Schema
    ) {
        field(name, value)
    }

    @inlinable
    package mutating func memberIfPresent<Value: JSONCodable & Described>(
        _ name: StaticString, _ value: inout Value?, _ about: StaticString,
        as schema: @autoclosure () -> Schema
    ) {
        if let value { field(name, value) }
    }

    @inlinable
    package mutating func derived<Value: JSONWritable & Described>(
        _ name: StaticString, _ value: @autoclosure () -> Value, _ about: StaticString
    ) {
        field(name, value())
    }

    package mutating func constant(_ name: StaticString, _ text: StaticString, _ about: StaticString) {
        field(name, text.description)
    }
}

/// Reads members from an object. What is not in the list is passed over.
package struct MemberReader: MemberList {
    @usableFromInline let json: JSON

    @inlinable
    init(_ json: JSON) { self.json = json }

    @inlinable
    package mutating func member<Value: JSONCodable & Described>(
        _ name: StaticString, _ value: inout Value, _ about: StaticString,
        as schema: @autoclosure () -> Schema
    ) throws(JSONMismatch) {
        value = try json.get(name.description)
    }

    @inlinable
    package mutating func memberIfPresent<Value: JSONCodable & Described>(
        _ name: StaticString, _ value: inout Value?, _ about: StaticString,
        as schema: @autoclosure () -> Schema
    ) throws(JSONMismatch) {
        value = try json.get(name.description)
    }

    @inlinable
    package mutating func derived<Value: JSONWritable & Described>(
        _ name: StaticString, _ value: @autoclosure () -> Value, _ about: StaticString
    ) {}

    package mutating func constant(_ name: StaticString, _ text: StaticString, _ about: StaticString) {}
}

/// Notes what the members are.
private struct MemberRecorder: MemberList {
    typealias Failure = Never

    var members: [ObjectSchema.Member] = []
    /// Those that are properties, and do not follow from others.
    var propertyCount = 0

    mutating func member<Value: JSONCodable & Described>(
        _ name: StaticString, _ value: inout Value, _ about: StaticString,
        as schema: @autoclosure () -> Schema
    ) {
        propertyCount += 1
        note(name, schema(), about)
    }

    mutating func memberIfPresent<Value: JSONCodable & Described>(
        _ name: StaticString, _ value: inout Value?, _ about: StaticString,
        as schema: @autoclosure () -> Schema
    ) {
        propertyCount += 1
        note(name, schema(), about, isRequired: false)
    }

    mutating func derived<Value: JSONWritable & Described>(
        _ name: StaticString, _ value: @autoclosure () -> Value, _ about: StaticString
    ) {
        note(name, Value.schema, about)
    }

    mutating func constant(_ name: StaticString, _ text: StaticString, _ about: StaticString) {
        note(name, .constant(text.description), about)
    }

    private mutating func note(
        _ name: StaticString, _ schema: Schema, _ about: StaticString, isRequired: Bool = true
    ) {
        members.append(
            ObjectSchema.Member(name.description, schema, about: about.description, isRequired: isRequired))
    }
}
