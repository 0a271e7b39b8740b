import Foundation

/// What a byte may be part of (RFC 9110 §5.6.2 and §5.5, RFC 3986 §3).
struct ByteClass: OptionSet {
    let rawValue: UInt8

    static let token = ByteClass(rawValue: 1)
    static let fieldValue = ByteClass(rawValue: 2)
    static let target = ByteClass(rawValue: 4)
    /// A registered name; `,` is left out, which stands in no name but between two that were joined.
    static let host = ByteClass(rawValue: 8)
    static let hexDigit = ByteClass(rawValue: 16)
    static let digit = ByteClass(rawValue: 32)

    private static let table: [ByteClass] = (0...255).map { (byte: UInt8) in
        var classes: ByteClass = []
        let isAlphanumeric: Bool
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            isAlphanumeric = true
            classes.formUnion([.digit, .hexDigit])
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): isAlphanumeric = true
        default: isAlphanumeric = false
        }
        if isAlphanumeric, byte & 0xDF <= UInt8(ascii: "F") { classes.insert(.hexDigit) }
        if isAlphanumeric || "!#$%&'*+-.^_`|~".utf8.contains(byte) { classes.insert(.token) }
        if byte == 0x09 || (byte >= 0x20 && byte != 0x7F) { classes.insert(.fieldValue) }
        if (0x21...0x7E).contains(byte), byte != UInt8(ascii: "#") { classes.insert(.target) }
        if isAlphanumeric || "-._~!$&'()*+;=".utf8.contains(byte) { classes.insert(.host) }
        return classes
    }

    static func of(_ byte: UInt8) -> ByteClass { table[Int(byte)] }

    static func all(_ bytes: UnsafeRawBufferPointer, are wanted: ByteClass) -> Bool {
        table.withUnsafeBufferPointer { table in
            for byte in bytes where !table[Int(byte)].contains(wanted) { return false }
            return true
        }
    }
}

extension UnsafeRawBufferPointer {
    func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self[range]) }

    /// The offset of `byte` at or after `start`.
    func offset(of byte: UInt8, from start: Int = 0) -> Int? {
        guard start < count, let base = baseAddress,
            let found = memchr(base + start, Int32(byte), count - start)
        else { return nil }
        return base.distance(to: UnsafeRawPointer(found))
    }

    /// Without spaces and tabs at either end.
    var trimmed: UnsafeRawBufferPointer {
        var start = 0
        var end = count
        while start < end, self[start] == 0x20 || self[start] == 0x09 { start += 1 }
        while end > start, self[end - 1] == 0x20 || self[end - 1] == 0x09 { end -= 1 }
        return slice(start..<end)
    }

    /// Whether these are the letters of `text`, which is in lower case and holds letters and hyphens only.
    func spells(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in 0..<count where self[index] | 0x20 != text.utf8Start[index] { return false }
        return true
    }

    var text: String { String(decoding: self, as: UTF8.self) }
}
