/// A JSON document (RFC 8259) as a value. Members keep their order and numbers keep their text, so that what a client
/// sent is given back unchanged.
package indirect enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSON])
    case object([JSONMember])
}

/// One `"name": value` of an object.
package struct JSONMember: Sendable, Equatable {
    package var name: String
    package var value: JSON

    package init(_ name: String, _ value: JSON) {
        self.name = name
        self.value = value
    }
}

/// A number as it was written. Equal texts are equal numbers; `1` and `1.0` are not compared by value.
package struct JSONNumber: Sendable, Equatable {
    /// Valid by RFC 8259's grammar: only the parser and the initialisers here make one.
    package let text: String

    init(validated text: String) { self.text = text }

    package init(_ value: Int) { text = String(value) }

    /// The value, when it is a whole number in range. `2.0` and `2e0` count as 2.
    package var integer: Int? {
        if let value = Int(text) { return value }
        guard let double = Double(text), double.rounded() == double, abs(double) < 9e15 else { return nil }
        return Int(double)
    }
}

extension JSON {
    package static func integer(_ value: Int) -> JSON { .number(JSONNumber(value)) }

    /// The value of member `name` of an object; `.null` when it is not there or this is no object.
    package subscript(name: String) -> JSON {
        guard case .object(let members) = self else { return .null }
        return members.first { $0.name == name }?.value ?? .null
    }

    package var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    package var integer: Int? {
        guard case .number(let value) = self else { return nil }
        return value.integer
    }

    package var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    package var isNull: Bool { self == .null }
}
