package import Primitives

/// Reads the query of a list request and collects every fault. Unknown parameters are passed over; of a repeated one
/// the first counts.
package struct QueryReader {
    private let parameters: [String: String]
    private var faults: [FieldFault] = []

    /// Reads nothing yet; a parameter that is not asked for is passed over.
    package init(_ parameters: QueryParameters) { self.parameters = parameters.values }

    /// A whole number in decimal digits; `nil` when it is absent, or a fault.
    package mutating func integer(_ field: InputField<Int>) -> Int? {
        guard let text = parameters[field.name] else { return nil }
        let range = field.bounds
        guard let value = Int(text), range.contains(value) else {
            fault(field.name, "range", "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return value
    }

    /// How many items a page may have: what the field says when it is left out.
    package mutating func limit(_ field: InputField<Int>) -> Int {
        integer(field) ?? field.standard ?? field.bounds.lowerBound
    }

    /// `true` or `false` and no other spelling; `nil` when it is absent, or a fault.
    package mutating func boolean(_ field: InputField<Bool>) -> Bool? {
        switch parameters[field.name] {
        case nil: return nil
        case "true": return true
        case "false": return false
        default:
            fault(field.name, "value", "must be true or false")
            return nil
        }
    }

    /// A UUID; `nil` when it is absent, or a fault.
    package mutating func identifier(_ field: InputField<Identifier>) -> Identifier? {
        guard let text = parameters[field.name] else { return nil }
        guard let value = Identifier(text) else {
            fault(field.name, "format", "must be a UUID")
            return nil
        }
        return value
    }

    /// A bound in time. One finer than the milliseconds of what is compared with it is rounded up: what happened before
    /// it is then still before it.
    package mutating func timestamp(_ field: InputField<Timestamp>) -> Timestamp? {
        guard let text = parameters[field.name] else { return nil }
        guard let value = Timestamp(text, roundsUp: true) else {
            fault(field.name, "format", "must be a time as in RFC 3339")
            return nil
        }
        return value
    }

    /// One of the words, spelled exactly; `nil` when it is absent, or a fault that names them all.
    package mutating func choice<Choice: DescribedWord>(_ field: InputField<Choice>) -> Choice? {
        guard let text = parameters[field.name] else { return nil }
        guard let value = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            fault(field.name, "value", "must be one of: \(known)")
            return nil
        }
        return value
    }

    /// A text to look for, without NUL; empty counts as absent.
    package mutating func search(_ field: InputField<String>) -> String? {
        guard let text = parameters[field.name], !text.isEmpty else { return nil }
        let length = field.bounds.upperBound
        if text.unicodeScalars.count > length || text.unicodeScalars.contains("\0") {
            fault(field.name, "length", "must have at most \(length) characters and none of them NUL")
            return nil
        }
        return text
    }

    private mutating func fault(_ name: String, _ code: String, _ message: String) {
        faults.append(FieldFault(name, code, message))
    }

    /// The position after which the page begins.
    /// - Throws: `invalid-cursor` when it is none of ours.
    package func cursor<Position: CursorPosition>(
        _ field: InputField<String>, as type: Position.Type
    ) throws(ServiceError) -> Position? {
        guard let text = parameters[field.name] else { return nil }
        guard let position = Cursor.decode(text, as: Position.self) else {
            throw ServiceError(.invalidCursor, "The cursor is not one that this list gave.")
        }
        return position
    }

    /// Throws `validation-failed` with every fault found. Call it before `cursor`, so that faults come first.
    package func finish() throws(ServiceError) {
        guard faults.isEmpty else { throw .validation(faults) }
    }
}

/// The query of a URL: the first value of each name, percent-decoded.
package struct QueryParameters: Sendable, Equatable {
    /// By name, decoded. Names are the client's; only those that are asked for count.
    package var values: [String: String]

    package init(_ values: [String: String] = [:]) { self.values = values }
}

extension QueryParameters: JSONCodable {
    package init(json: JSON) throws(JSONMismatch) {
        guard case .object(let members) = json else { throw JSONMismatch(expected: "an object") }
        values = [:]
        for member in members { values[member.name] = try String(json: member.value) }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            writer.name(data: name)
            writer.string(value)
        }
        writer.endObject()
    }
}
