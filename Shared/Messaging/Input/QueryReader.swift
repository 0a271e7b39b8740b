package import Primitives

/// Reads the query of a list request and collects every fault. Unknown parameters are passed over; of a repeated one
/// the first counts.
package struct QueryReader {
    private let parameters: [String: String]
    private var faults: [FieldFault] = []

    /// Reads nothing yet; a parameter that is not asked for is passed over.
    package init(_ parameters: QueryParameters) { self.parameters = parameters.values }

    /// `limit`, 1 to 100.
    package mutating func limit(default standard: Int = 20) -> Int {
        integer("limit", in: 1...100) ?? standard
    }

    /// A whole number in decimal digits; `nil` when it is absent, or a fault.
    package mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = parameters[name] else { return nil }
        guard let value = Int(text), range.contains(value) else {
            faults.append(
                FieldFault(name, "range", "must be a whole number from \(range.lowerBound) to \(range.upperBound)"))
            return nil
        }
        return value
    }

    /// `true` or `false` and no other spelling; `nil` when it is absent, or a fault.
    package mutating func boolean(_ name: String) -> Bool? {
        switch parameters[name] {
        case nil: return nil
        case "true": return true
        case "false": return false
        default:
            faults.append(FieldFault(name, "value", "must be true or false"))
            return nil
        }
    }

    /// A UUID; `nil` when it is absent, or a fault.
    package mutating func identifier(_ name: String) -> Identifier? {
        guard let text = parameters[name] else { return nil }
        guard let value = Identifier(text) else {
            faults.append(FieldFault(name, "format", "must be a UUID"))
            return nil
        }
        return value
    }

    /// A bound in time. One finer than the milliseconds of what is compared with it is rounded up: what happened before
    /// it is then still before it.
    package mutating func timestamp(_ name: String) -> Timestamp? {
        guard let text = parameters[name] else { return nil }
        guard let value = Timestamp(text, roundsUp: true) else {
            faults.append(FieldFault(name, "format", "must be a time as in RFC 3339"))
            return nil
        }
        return value
    }

    /// One of the cases of `Choice`, spelled exactly; `nil` when it is absent, or a fault that names them all.
    package mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String, _ type: Choice.Type)
        -> Choice?
    {
        guard let text = parameters[name] else { return nil }
        guard let value = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            faults.append(FieldFault(name, "value", "must be one of: \(known)"))
            return nil
        }
        return value
    }

    /// A text to look for: at most 200 characters, without NUL; empty counts as absent.
    package mutating func search(_ name: String = "q") -> String? {
        guard let text = parameters[name], !text.isEmpty else { return nil }
        if text.unicodeScalars.count > 200 || text.unicodeScalars.contains("\0") {
            faults.append(FieldFault(name, "length", "must have at most 200 characters and none of them NUL"))
            return nil
        }
        return text
    }

    /// The position after which the page begins.
    /// - Throws: `invalid-cursor` when it is none of ours.
    package func cursor<Position: CursorPosition>(_ type: Position.Type) throws(ServiceError) -> Position? {
        guard let text = parameters["cursor"] else { return nil }
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
