/// A UUID as every entity of the system is named by: 128 bits, written in lower case (RFC 9562).
///
/// New ones are version 7, so that they sort by the time of their making and fill an index from one side.
package struct Identifier: Hashable, Sendable, Comparable {
    /// Bytes 0 to 7, the first one most significant.
    package let high: UInt64
    /// Bytes 8 to 15.
    package let low: UInt64

    /// An identifier made elsewhere, of whatever version.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A version 7 identifier of `time`, with 74 random bits.
    package init<Generator: RandomNumberGenerator>(at time: Timestamp, using generator: inout Generator) {
        let milliseconds = UInt64(max(0, time.milliseconds)) & 0xFFFF_FFFF_FFFF
        high = milliseconds << 16 | 0x7000 | generator.next(upperBound: 0x1000)
        low = 0x8000_0000_0000_0000 | generator.next(upperBound: 1 << 62)
    }

    /// A version 7 identifier of now.
    package static func make() -> Identifier {
        var generator = SystemRandomNumberGenerator()
        return Identifier(at: .now(), using: &generator)
    }

    /// A version 7 identifier of now, or of the millisecond after `earlier` where that is later: the clocks of two
    /// machines differ.
    package static func make(after earlier: Identifier?) -> Identifier {
        let made = make()
        guard let earlier, made <= earlier else { return made }
        var generator = SystemRandomNumberGenerator()
        return Identifier(at: Timestamp(milliseconds: earlier.time.milliseconds + 1), using: &generator)
    }

    /// The identifier written in the 36 characters of RFC 9562, in either case; `nil` for anything else.
    package init?(_ text: some StringProtocol) {
        var copy = String(text)
        let parsed = copy.withUTF8 { Identifier(utf8: $0) }
        guard let parsed else { return nil }
        self = parsed
    }

    private init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count == 36 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for (offset, byte) in bytes.enumerated() {
            if offset == 8 || offset == 13 || offset == 18 || offset == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            let value: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            if digits < 16 { words.0 = words.0 << 4 | UInt64(value) } else { words.1 = words.1 << 4 | UInt64(value) }
            digits += 1
        }
        self.init(high: words.0, low: words.1)
    }

    /// The instant in a version 7 identifier; meaningless for other versions.
    package var time: Timestamp { Timestamp(milliseconds: Int64(high >> 16)) }

    /// In the order of the bytes, which for version 7 is that of the times of making, and PostgreSQL's.
    package static func < (left: Identifier, right: Identifier) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension Identifier: CustomStringConvertible {
    /// The 36 characters of RFC 9562, in lower case.
    package var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            write(into: buffer)
            return 36
        }
    }

    /// Writes the 36 characters to the start of `buffer`, which must have room for them.
    package func write(into buffer: UnsafeMutableBufferPointer<UInt8>) {
        let bytes = UnsafeMutableRawBufferPointer(buffer)
        let second = Self.digits(UInt32(truncatingIfNeeded: high))
        let third = Self.digits(UInt32(truncatingIfNeeded: low >> 32))
        let hyphen = UInt8(ascii: "-")
        bytes.storeBytes(of: Self.digits(UInt32(truncatingIfNeeded: high >> 32)).bigEndian, as: UInt64.self)
        bytes[8] = hyphen
        bytes.storeBytes(of: UInt32(truncatingIfNeeded: second >> 32).bigEndian, toByteOffset: 9, as: UInt32.self)
        bytes[13] = hyphen
        bytes.storeBytes(of: UInt32(truncatingIfNeeded: second).bigEndian, toByteOffset: 14, as: UInt32.self)
        bytes[18] = hyphen
        bytes.storeBytes(of: UInt32(truncatingIfNeeded: third >> 32).bigEndian, toByteOffset: 19, as: UInt32.self)
        bytes[23] = hyphen
        bytes.storeBytes(of: UInt32(truncatingIfNeeded: third).bigEndian, toByteOffset: 24, as: UInt32.self)
        bytes.storeBytes(
            of: Self.digits(UInt32(truncatingIfNeeded: low)).bigEndian, toByteOffset: 28, as: UInt64.self)
    }

    /// The eight hexadecimal digits of `word` in ASCII, the first one most significant: all at once, because every
    /// message that is written has four identifiers.
    private static func digits(_ word: UInt32) -> UInt64 {
        // A nibble to each byte.
        var nibbles = UInt64(word)
        nibbles = (nibbles | nibbles << 16) & 0x0000_FFFF_0000_FFFF
        nibbles = (nibbles | nibbles << 8) & 0x00FF_00FF_00FF_00FF
        nibbles = (nibbles | nibbles << 4) & 0x0F0F_0F0F_0F0F_0F0F
        // One in each byte that is ten or more: its letter is 39 further on than its digit would be.
        let letters = (nibbles &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return nibbles &+ 0x3030_3030_3030_3030 &+ letters &* 39
    }
}

extension RandomNumberGenerator {
    fileprivate mutating func next(upperBound: UInt64) -> UInt64 { UInt64.random(in: 0..<upperBound, using: &self) }
}
