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
        var position = 0
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 {
                buffer[position] = UInt8(ascii: "-")
                position += 1
            }
            let word = index < 16 ? high : low
            let nibble = UInt8(truncatingIfNeeded: word >> UInt64((15 - index % 16) * 4)) & 0xF
            buffer[position] = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
            position += 1
        }
    }
}

extension RandomNumberGenerator {
    fileprivate mutating func next(upperBound: UInt64) -> UInt64 { UInt64.random(in: 0..<upperBound, using: &self) }
}
