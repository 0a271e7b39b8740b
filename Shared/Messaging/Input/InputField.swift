package import Primitives

/// A field of what clients send, in a JSON body or in a query: one declaration, by which the owning service reads it and
/// documents describe it. `Value` is what it is read as.
package struct InputField<Value: Sendable>: Sendable {
    package let name: String
    /// What it may be. Rules that no schema can tell are in `about`.
    package private(set) var schema: Schema
    /// Of a text in Unicode scalars, of a number its range; nothing is outside where it means nothing.
    let bounds: ClosedRange<Int>
    /// A sentence.
    package let about: String
    /// What stands in examples.
    package let example: JSON
    package private(set) var isRequired: Bool
    /// What counts when it is left out, where that is anything.
    package let standard: Value?

    private init(
        _ name: String, _ schema: Schema, bounds: ClosedRange<Int> = Int.min...Int.max, _ about: String,
        _ example: JSON,
        isRequired: Bool = true, standard: Value? = nil
    ) {
        self.name = name
        self.schema = schema
        self.bounds = bounds
        self.about = about
        self.example = example
        self.isRequired = isRequired
        self.standard = standard
    }

    /// The same where it may be left out, and not `null`: in a query, and in a change.
    package var omittable: InputField {
        var field = self
        field.isRequired = false
        return field
    }

    /// The same where it may be left out, for which `null` is another word.
    package var optional: InputField {
        var field = omittable
        if case .orNull = schema {} else { field.schema = .orNull(schema) }
        return field
    }
}

extension InputField<String> {
    /// - Parameter length: in Unicode scalars.
    package static func text(
        _ name: String, _ length: ClosedRange<Int>, format: String? = nil, _ about: String, example: String
    ) -> InputField {
        InputField(name, .string(format: format, length: length), bounds: length, about, .string(example))
    }

    /// `q` of a list: what is looked for.
    package static func search(in places: String) -> InputField {
        InputField(
            "q", .string(length: 0...200), bounds: 0...200,
            "Only those with this literal part, in any case, in \(places).",
            .string("oak"), isRequired: false)
    }

    /// `cursor` of a list.
    package static var cursor: InputField {
        InputField(
            "cursor", .string(length: 0...256),
            "The `nextCursor` of the page before, unchanged, with the same filters.",
            .null, isRequired: false)
    }
}

extension InputField<Int> {
    package static func integer(
        _ name: String, _ range: ClosedRange<Int>, _ about: String, example: Int
    ) -> InputField {
        InputField(name, .integer(range), bounds: range, about, .integer(example))
    }

    /// `limit` of a list.
    package static func limit(standard: Int = 20) -> InputField {
        InputField(
            "limit", .integer(1...100), bounds: 1...100, "How many at most; \(standard) when left out.",
            .integer(standard), isRequired: false, standard: standard)
    }

    /// A place in a room, or 0 before all of them.
    package static func seq(_ name: String, _ about: String) -> InputField {
        integer(name, 0...Int(Int32.max), about, example: 1)
    }
}

extension InputField<Bool> {
    package static func boolean(_ name: String, _ about: String, example: Bool) -> InputField {
        InputField(name, .boolean, about, .bool(example))
    }
}

extension InputField<Identifier> {
    package static func identifier(_ name: String, _ about: String, example: Identifier) -> InputField {
        InputField(name, Identifier.schema, about, .string(example.description))
    }
}

extension InputField<Timestamp> {
    /// In a query.
    package static func time(_ name: String, _ about: String, example: Timestamp) -> InputField {
        InputField(name, Timestamp.schema, about, .string(example.description))
    }
}

extension InputField where Value: DescribedWord {
    package static func word(_ name: String, _ about: String, example: Value) -> InputField {
        InputField(name, Value.schema, about, .string(example.rawValue))
    }
}

extension InputField<JSON> {
    /// A field whose rules are its reader's own.
    package static func json(_ name: String, _ schema: Schema, _ about: String, example: JSON) -> InputField {
        InputField(name, schema, about, example)
    }
}

/// What an `InputField` is for documents, whatever it is read as.
package protocol DescribedField: Sendable {
    var name: String { get }
    var schema: Schema { get }
    var about: String { get }
    var example: JSON { get }
    var isRequired: Bool { get }
}

extension InputField: DescribedField {}

/// The fields of one operation's body, or of its query: each a stored property.
package protocol InputFields: Sendable {
    /// A sentence on what it is.
    static var about: String { get }
    /// Names of which at least one has to be there; empty when there is no such rule.
    var atLeastOneOf: [String] { get }
}

extension InputFields {
    package var atLeastOneOf: [String] { [] }

    /// Each field, in the order of their declaration.
    package var all: [any DescribedField] {
        Mirror(reflecting: self).children.compactMap { $0.value as? any DescribedField }
    }

    /// What documents say of it.
    package var schema: ObjectSchema {
        let fields = all
        return ObjectSchema(
            name: nil, about: Self.about,
            members: fields.map {
                ObjectSchema.Member(
                    $0.name, $0.schema, about: $0.about, isRequired: $0.isRequired, example: $0.example)
            }, atLeastOneOf: atLeastOneOf)
    }
}
