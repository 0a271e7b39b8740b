import Foundation

/// An address of the Internet Protocol, IPv4 or IPv6 (RFC 791, RFC 4291).
///
/// IPv4 written as IPv6 (`::ffff:192.0.2.1`, as a socket of both kinds tells it) is the IPv4 address. A zone (`%eth0`)
/// is no part of an address.
package struct IPAddress: Sendable, Hashable, LosslessStringConvertible {
    /// 4 or 16, the most significant first.
    package let bytes: [UInt8]

    /// - Parameter text: as `inet_pton` reads it: four decimal numbers, or RFC 4291 §2.2. `nil` for anything else, a
    ///   port or brackets among it.
    package init?(_ text: String) {
        // A C function would take what stands before a NUL for the whole.
        guard (2...45).contains(text.utf8.count), !text.utf8.contains(0) else { return nil }
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            bytes = withUnsafeBytes(of: &v4) { Array($0) }
            return
        }
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, text, &v6) == 1 else { return nil }
        let all = withUnsafeBytes(of: &v6) { Array($0) }
        let isMapped = all.prefix(10).allSatisfy { $0 == 0 } && all[10] == 0xFF && all[11] == 0xFF
        bytes = isMapped ? Array(all.suffix(4)) : all
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// What one customer of a network has as a rule, and what is counted as one: IPv6 by its first 64 bits, IPv4 whole.
    package var network: IPAddress {
        bytes.count == 4 ? self : IPAddress(bytes: bytes.prefix(8) + Array(repeating: 0, count: 8))
    }

    /// Whether the first `bits` bits are those of `other`; never of the other kind of address.
    package func shares(_ bits: Int, with other: IPAddress) -> Bool {
        guard other.bytes.count == bytes.count else { return false }
        for index in 0..<bytes.count {
            let wanted = min(8, max(0, bits - index * 8))
            let mask = wanted == 0 ? 0 : UInt8(truncatingIfNeeded: 0xFF00 >> wanted)
            if bytes[index] & mask != other.bytes[index] & mask { return false }
        }
        return true
    }

    /// As it is written: RFC 5952 for IPv6.
    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        let written = bytes.withUnsafeBytes { bytes in
            inet_ntop(family, bytes.baseAddress, &text, socklen_t(text.count)) != nil
        }
        return written ? String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : ""
    }
}
