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
    /// Any text, an empty one too; the parser tells of one that stands twice (`JSONDefect`).
    package var name: String
    package var value: JSON

    package init(_ name: String, _ value: JSON) {
        self.name = name
        self.value = value
    }
}

extension JSON {
    /// Names and texts are compared by their code points, members in their order, numbers by their text.
    package static func == (left: JSON, right: JSON) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let one), .bool(let other)): one == other
        case (.number(let one), .number(let other)): one == other
        case (.string(let one), .string(let other)): one.isExactly(other)
        case (.array(let one), .array(let other)): one == other
        case (.object(let one), .object(let other)): one == other
        default: false
        }
    }
}

extension JSONMember {
    package static func == (left: JSONMember, right: JSONMember) -> Bool {
        left.name.isExactly(right.name) && left.value == right.value
    }
}

extension JSON {
    /// A number that is whole.
    package static func integer(_ value: Int) -> JSON { .number(JSONNumber(value)) }

    /// The value of member `name` of an object; `.null` when it is not there or this is no object.
    package subscript(name: String) -> JSON {
        guard case .object(let members) = self else { return .null }
        return members.first { $0.name.isExactly(name) }?.value ?? .null
    }

    /// The text; `nil` when this is none.
    package var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    /// The number, when this is one and exactly whole, in whatever form it was written; else `nil`.
    package var integer: Int? {
        guard case .number(let value) = self else { return nil }
        return value.integer
    }

    /// `true` or `false`; `nil` when this is neither.
    package var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// Whether this is `null`; what is not there reads as `null` too (`subscript`).
    package var isNull: Bool {
        guard case .null = self else { return false }
        return true
    }
}
