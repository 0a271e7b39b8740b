/// Why bytes are not a JSON document.
package struct JSONSyntaxError: Error, Sendable, Equatable {
    /// Byte offset of the fault.
    package var offset: Int
    /// In words for a client's developer.
    package var reason: String
}

/// Something RFC 8259 lets pass and this interface refuses, with the place where it stands.
package struct JSONDefect: Sendable, Equatable {
    /// A name that stands twice in one object; U+0000 in a text or name; half of a surrogate pair (`\ud800`) there.
    package enum Kind: Sendable, Equatable {
        case duplicateName, nulCharacter, loneSurrogate
        /// Stands for bytes that are no JSON; the parser knows none, protocols that carry such do.
        case binary
    }

    /// Names joined with dots, array positions as numbers: `metadata.tags.0`.
    package var path: String
    package var kind: Kind

    package init(path: String, kind: Kind) {
        self.path = path
        self.kind = kind
    }
}

/// Reads JSON strictly by RFC 8259: UTF-8 only, no trailing text, a bounded number of levels.
///
/// Foundation's decoder says nothing of duplicate names and replaces what it cannot read, and the interface promises to
/// refuse both.
package struct JSONParser {
    /// How deep a document of a client may be.
    package static let clientDepth = 32
    /// How deep one of our own may be: a client's is inside, and around it a page, an event or a frame. Far above both,
    /// because what is stored was let in when clients could send 128 levels. Reading goes down the stack, a few hundred
    /// bytes for a level.
    package static let maximumDepth = 192

    private let maximumDepth: Int
    /// Names and elements from the root to here; kept only to name a defect.
    private var path: [PathElement] = []
    private var defects: [JSONDefect] = []
    private var depth = 0

    private enum PathElement {
        case name(String)
        case index(Int)
    }

    private init(maximumDepth: Int) { self.maximumDepth = maximumDepth }

    /// The document in `bytes` and what is refused about it.
    ///
    /// - Parameter maximumDepth: the levels of objects and lists within each other. `clientDepth` for whatever came
    ///   from a client.
    package static func parse(
        _ bytes: [UInt8], maximumDepth: Int = maximumDepth
    ) throws(JSONSyntaxError) -> (value: JSON, defects: [JSONDefect]) {
        try parse(bytes[...], maximumDepth: maximumDepth)
    }

    /// The same for a part of an array of bytes; offsets of faults are counted from its beginning.
    package static func parse(
        _ bytes: ArraySlice<UInt8>, maximumDepth: Int = maximumDepth
    ) throws(JSONSyntaxError) -> (value: JSON, defects: [JSONDefect]) {
        var parser = JSONParser(maximumDepth: maximumDepth)
        let result: Result<JSON, JSONSyntaxError> = bytes.withUnsafeBufferPointer { buffer in
            do throws(JSONSyntaxError) { return .success(try parser.document(buffer)) } catch { return .failure(error) }
        }
        return (try result.get(), parser.defects)
    }

    private typealias Bytes = UnsafeBufferPointer<UInt8>

    private mutating func document(_ bytes: Bytes) throws(JSONSyntaxError) -> JSON {
        var position = 0
        skipSpace(bytes, &position)
        let value = try self.value(bytes, &position)
        skipSpace(bytes, &position)
        guard position == bytes.count else { throw fault(position, "text after the end of the document") }
        return value
    }

    private func fault(_ offset: Int, _ reason: String) -> JSONSyntaxError {
        JSONSyntaxError(offset: offset, reason: reason)
    }

    private func skipSpace(_ bytes: Bytes, _ position: inout Int) {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func value(_ bytes: Bytes, _ position: inout Int) throws(JSONSyntaxError) -> JSON {
        guard position < bytes.count else { throw fault(position, "unexpected end") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try object(bytes, &position)
        case UInt8(ascii: "["): return try array(bytes, &position)
        case UInt8(ascii: "\""): return .string(try string(bytes, &position))
        case UInt8(ascii: "t"): return try literal("true", .bool(true), bytes, &position)
        case UInt8(ascii: "f"): return try literal("false", .bool(false), bytes, &position)
        case UInt8(ascii: "n"): return try literal("null", .null, bytes, &position)
        default: return .number(try number(bytes, &position))
        }
    }

    private func literal(
        _ text: StaticString, _ value: JSON, _ bytes: Bytes, _ position: inout Int
    ) throws(JSONSyntaxError) -> JSON {
        let length = text.utf8CodeUnitCount
        guard position + length <= bytes.count,
            UnsafeBufferPointer(start: text.utf8Start, count: length).elementsEqual(bytes[position..<position + length])
        else { throw fault(position, "unexpected character") }
        position += length
        return value
    }

    private mutating func enter(_ position: Int) throws(JSONSyntaxError) {
        depth += 1
        guard depth <= maximumDepth else { throw fault(position, "more than \(maximumDepth) levels deep") }
    }

    private mutating func object(_ bytes: Bytes, _ position: inout Int) throws(JSONSyntaxError) -> JSON {
        try enter(position)
        defer { depth -= 1 }
        position += 1
        var members: [JSONMember] = []
        // A set pays off only for large objects; nearly all have fewer than sixteen members.
        var seen: Set<ExactText> = []
        skipSpace(bytes, &position)
        if position < bytes.count, bytes[position] == UInt8(ascii: "}") {
            position += 1
            return .object([])
        }
        while true {
            skipSpace(bytes, &position)
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw fault(position, "expected a name in quotes")
            }
            let name = try string(bytes, &position)
            path.append(.name(name))
            let isDuplicate: Bool
            if members.count < 16 {
                isDuplicate = members.contains { $0.name.isExactly(name) }
            } else {
                if seen.isEmpty { seen = Set(members.map { ExactText($0.name) }) }
                isDuplicate = !seen.insert(ExactText(name)).inserted
            }
            if isDuplicate { note(.duplicateName) }
            skipSpace(bytes, &position)
            guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else {
                throw fault(position, "expected ':'")
            }
            position += 1
            skipSpace(bytes, &position)
            members.append(JSONMember(name, try value(bytes, &position)))
            path.removeLast()
            skipSpace(bytes, &position)
            guard position < bytes.count else { throw fault(position, "unexpected end in an object") }
            switch bytes[position] {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                position += 1
                return .object(members)
            default: throw fault(position, "expected ',' or '}'")
            }
        }
    }

    private mutating func array(_ bytes: Bytes, _ position: inout Int) throws(JSONSyntaxError) -> JSON {
        try enter(position)
        defer { depth -= 1 }
        position += 1
        var elements: [JSON] = []
        skipSpace(bytes, &position)
        if position < bytes.count, bytes[position] == UInt8(ascii: "]") {
            position += 1
            return .array([])
        }
        while true {
            skipSpace(bytes, &position)
            path.append(.index(elements.count))
            elements.append(try value(bytes, &position))
            path.removeLast()
            skipSpace(bytes, &position)
            guard position < bytes.count else { throw fault(position, "unexpected end in an array") }
            switch bytes[position] {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"):
                position += 1
                return .array(elements)
            default: throw fault(position, "expected ',' or ']'")
            }
        }
    }

    private func number(_ bytes: Bytes, _ position: inout Int) throws(JSONSyntaxError) -> JSONNumber {
        let start = position
        func digits() -> Int {
            let first = position
            while position < bytes.count, (48...57).contains(bytes[position]) { position += 1 }
            return position - first
        }
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let whole = position
        guard digits() > 0 else { throw fault(start, "unexpected character") }
        guard bytes[whole] != UInt8(ascii: "0") || position == whole + 1 else {
            throw fault(whole, "a number may not begin with 0")
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            guard digits() > 0 else { throw fault(position, "expected a digit") }
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            guard digits() > 0 else { throw fault(position, "expected a digit") }
        }
        return JSONNumber(validated: String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func note(_ kind: JSONDefect.Kind) {
        guard defects.count < 32 else { return }
        let names = path.map { element in
            switch element {
            case .name(let name): name
            case .index(let index): String(index)
            }
        }
        defects.append(JSONDefect(path: names.joined(separator: "."), kind: kind))
    }

    private mutating func string(_ bytes: Bytes, _ position: inout Int) throws(JSONSyntaxError) -> String {
        position += 1
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                guard let text = String(validating: bytes[start..<position], as: UTF8.self) else {
                    throw fault(start, "not UTF-8")
                }
                position += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { break }
            guard byte >= 0x20 else { throw fault(position, "a control character must be escaped") }
            position += 1
        }
        var unescaped = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: unescaped, as: UTF8.self) else { throw fault(start, "not UTF-8") }
                position += 1
                return text
            case UInt8(ascii: "\\"): try escape(bytes, &position, into: &unescaped)
            case 0..<0x20: throw fault(position, "a control character must be escaped")
            default:
                unescaped.append(byte)
                position += 1
            }
        }
        throw fault(position, "unexpected end in a string")
    }

    private mutating func escape(_ bytes: Bytes, _ position: inout Int, into text: inout [UInt8])
        throws(JSONSyntaxError)
    {
        guard position + 1 < bytes.count else { throw fault(position, "unexpected end in a string") }
        let letter = bytes[position + 1]
        position += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"):
            let unit = try hexadecimal(bytes, &position)
            var scalar = UInt32(unit)
            if unit & 0xFC00 == 0xD800, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                bytes[position + 1] == UInt8(ascii: "u")
            {
                var ahead = position + 2
                let second = try hexadecimal(bytes, &ahead)
                if second & 0xFC00 == 0xDC00 {
                    position = ahead
                    scalar = 0x10000 + (UInt32(unit & 0x3FF) << 10 | UInt32(second & 0x3FF))
                }
            }
            if scalar == 0 { note(.nulCharacter) }
            guard let valid = Unicode.Scalar(scalar) else {
                note(.loneSurrogate)
                return
            }
            text.append(contentsOf: Array(String(Character(valid)).utf8))
        default: throw fault(position - 2, "unknown escape")
        }
    }

    private func hexadecimal(_ bytes: Bytes, _ position: inout Int) throws(JSONSyntaxError) -> UInt16 {
        guard position + 4 <= bytes.count else { throw fault(position, "unexpected end in a string") }
        var unit: UInt16 = 0
        for offset in 0..<4 {
            let byte = bytes[position + offset]
            let digit: UInt8
            switch byte {
            case 48...57: digit = byte - 48
            case 65...70: digit = byte - 55
            case 97...102: digit = byte - 87
            default: throw fault(position + offset, "expected four hexadecimal digits")
            }
            unit = unit << 4 | UInt16(digit)
        }
        position += 4
        return unit
    }
}
