/// What can be written as a JSON value.
package protocol JSONWritable {
    /// Writes exactly one value.
    func write(to writer: inout JSONWriter)
}

/// What can be read from a JSON value written by another part of the system.
///
/// Reading is tolerant: unknown members are passed over, so that a process may be one version older than its neighbour.
package protocol JSONReadable {
    /// - Throws: where the value is not what is needed, with the path to it.
    init(json: JSON) throws(JSONMismatch)
}

/// What travels between processes: both sides of it are declared once.
package typealias JSONCodable = JSONReadable & JSONWritable

/// A JSON value that is not what the reader needs.
package struct JSONMismatch: Error, Sendable, Equatable {
    /// Names from the root to the value.
    package var path: [String]
    /// In words: `a whole number`.
    package var expected: String

    /// - Parameter path: grows at its front as the error passes outwards through `get`.
    package init(expected: String, path: [String] = []) {
        self.path = path
        self.expected = expected
    }
}

extension JSONReadable {
    /// The value in encoded `bytes`.
    package init(jsonBytes bytes: [UInt8]) throws(JSONMismatch) {
        let parsed: JSON
        do { parsed = try JSONParser.parse(bytes).value } catch {
            throw JSONMismatch(expected: "JSON: \(error.reason)")
        }
        try self.init(json: parsed)
    }
}

extension JSON {
    /// Member `name` as a `Value`; absent counts as `null`, which only an optional takes.
    package func get<Value: JSONReadable>(_ name: String, as type: Value.Type = Value.self) throws(JSONMismatch)
        -> Value
    {
        do {
            return try Value(json: self[name])
        } catch {
            throw JSONMismatch(expected: error.expected, path: [name] + error.path)
        }
    }
}

extension JSON: JSONCodable {
    package init(json: JSON) { self = json }

    package func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .number(let number): writer.raw(number.text.utf8)
        case .string(let value): writer.string(value)
        case .array(let elements): elements.write(to: &writer)
        case .object(let members):
            writer.beginObject()
            for member in members {
                writer.name(data: member.name)
                member.value.write(to: &writer)
            }
            writer.endObject()
        }
    }

    /// The document as text.
    package var encoded: String { String(decoding: JSONWriter.encode(self), as: UTF8.self) }
}

extension String: JSONCodable {
    package init(json: JSON) throws(JSONMismatch) {
        guard case .string(let value) = json else { throw JSONMismatch(expected: "a string") }
        self = value
    }

    package func write(to writer: inout JSONWriter) { writer.string(self) }
}

extension Int: JSONCodable {
    package init(json: JSON) throws(JSONMismatch) {
        guard let value = json.integer else { throw JSONMismatch(expected: "a whole number") }
        self = value
    }

    package func write(to writer: inout JSONWriter) { writer.integer(self) }
}

extension Bool: JSONCodable {
    package init(json: JSON) throws(JSONMismatch) {
        guard case .bool(let value) = json else { throw JSONMismatch(expected: "true or false") }
        self = value
    }

    package func write(to writer: inout JSONWriter) { writer.bool(self) }
}

extension Identifier: JSONCodable {
    package init(json: JSON) throws(JSONMismatch) {
        guard case .string(let text) = json, let value = Identifier(text) else {
            throw JSONMismatch(expected: "a UUID")
        }
        self = value
    }

    package func write(to writer: inout JSONWriter) { writer.quoted(count: 36) { write(into: $0) } }
}

extension Timestamp: JSONCodable {
    package init(json: JSON) throws(JSONMismatch) {
        guard case .string(let text) = json, let value = Timestamp(text) else { throw JSONMismatch(expected: "a time") }
        self = value
    }

    package func write(to writer: inout JSONWriter) { writer.quoted(count: 24) { write(into: $0) } }
}

extension Optional: JSONWritable where Wrapped: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        if let self { self.write(to: &writer) } else { writer.null() }
    }
}

extension Optional: JSONReadable where Wrapped: JSONReadable {
    package init(json: JSON) throws(JSONMismatch) {
        if case .null = json { self = nil } else { self = try Wrapped(json: json) }
    }
}

extension Array: JSONWritable where Element: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.beginArray()
        for element in self { element.write(to: &writer) }
        writer.endArray()
    }
}

extension Array: JSONReadable where Element: JSONReadable {
    package init(json: JSON) throws(JSONMismatch) {
        guard case .array(let elements) = json else { throw JSONMismatch(expected: "a list") }
        var values: [Element] = []
        values.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            do {
                values.append(try Element(json: element))
            } catch {
                throw JSONMismatch(expected: error.expected, path: [String(index)] + error.path)
            }
        }
        self = values
    }
}
