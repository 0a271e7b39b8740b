internal import Glibc

/// Finds the little that is needed in a message without parsing it: on a machine that it shares with the servers, the
/// client must be cheap.
enum ByteScan {
    /// The offset behind the first occurrence of `needle`, of two bytes at least, from `start` on.
    static func end(of needle: StaticString, in bytes: UnsafeRawBufferPointer, from start: Int = 0) -> Int? {
        let length = needle.utf8CodeUnitCount
        guard let base = bytes.baseAddress else { return nil }
        // The second byte of what is looked for here is rarer than the first, which is a quotation mark.
        let second = needle.utf8Start[1]
        var place = start + 1
        while place + length <= bytes.count + 1 {
            guard let found = memchr(base + place, Int32(second), bytes.count - place) else { return nil }
            let offset = UnsafeRawPointer(found) - base - 1
            guard offset + length <= bytes.count else { return nil }
            if memcmp(base + offset, needle.utf8Start, length) == 0 { return offset + length }
            place = offset + 2
        }
        return nil
    }

    /// The decimal number that begins at `offset`; 0 when none does.
    static func number(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Int {
        var value = 0
        var index = offset
        while index < bytes.count, case let digit = bytes[index] &- 48, digit < 10 {
            value = value &* 10 &+ Int(digit)
            index += 1
        }
        return value
    }

    /// The number behind the first occurrence of `name`.
    static func number(after name: StaticString, in bytes: UnsafeRawBufferPointer, from start: Int = 0) -> Int? {
        end(of: name, in: bytes, from: start).map { number(in: bytes, at: $0) }
    }

    static func starts(with prefix: StaticString, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress, bytes.count >= prefix.utf8CodeUnitCount else { return false }
        return memcmp(base, prefix.utf8Start, prefix.utf8CodeUnitCount) == 0
    }
}
