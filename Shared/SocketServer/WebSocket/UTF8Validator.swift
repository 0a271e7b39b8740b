/// Tells whether bytes are UTF-8 as they come, however they are cut (RFC 3629 §4: no overlong form, no surrogate,
/// nothing above U+10FFFF).
///
/// A wrong byte is refused when it comes, not at the end of its character or of the text. A value of a few bytes; the
/// time is the same for each byte.
struct UTF8Validator {
    /// How many bytes the character that has begun still needs.
    private var missing: UInt8 = 0
    /// Between what the next of them must lie. For the second byte of some characters that is narrower than
    /// 80 to BF: what lies outside would be overlong, a surrogate, or too large.
    private var next: ClosedRange<UInt8> = Self.tail

    private static let tail: ClosedRange<UInt8> = 0x80...0xBF

    /// Whether the text may end here: no character is incomplete.
    var isComplete: Bool { missing == 0 }

    /// Takes the bytes that follow those taken before.
    ///
    /// - Returns: `false` when no text begins like this. Nothing more may be asked then.
    mutating func accept(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if missing > 0 {
                guard next.contains(byte) else { return false }
                missing -= 1
                next = Self.tail
            } else if byte < 0x80 {
                index = Self.endOfASCII(in: bytes, from: index)
            } else {
                guard begin(byte) else { return false }
            }
        }
        return true
    }

    /// Where ASCII ends, in whole words: most text is nothing else, and passes 32 bytes at once.
    private static func endOfASCII(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        let count = bytes.count
        var index = start
        func word(_ offset: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: index + offset, as: UInt64.self) }
        while index + 32 <= count, (word(0) | word(8) | word(16) | word(24)) & 0x8080_8080_8080_8080 == 0 {
            index += 32
        }
        while index + 8 <= count, word(0) & 0x8080_8080_8080_8080 == 0 { index += 8 }
        return index
    }

    /// Takes the first byte of a character of more than one.
    private mutating func begin(_ byte: UInt8) -> Bool {
        switch byte {
        case 0xC2...0xDF: (missing, next) = (1, Self.tail)
        case 0xE0: (missing, next) = (2, 0xA0...0xBF)
        case 0xED: (missing, next) = (2, 0x80...0x9F)
        case 0xE1...0xEF: (missing, next) = (2, Self.tail)
        case 0xF0: (missing, next) = (3, 0x90...0xBF)
        case 0xF1...0xF3: (missing, next) = (3, Self.tail)
        case 0xF4: (missing, next) = (3, 0x80...0x8F)
        default: return false
        }
        return true
    }
}
