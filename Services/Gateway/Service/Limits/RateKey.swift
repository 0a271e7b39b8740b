import Primitives

/// Whose budget: of which kind, and of which address or user.
struct RateKey: Hashable, Sendable {
    let kind: RateBudget.Kind
    private let high: UInt64
    private let low: UInt64

    init(_ kind: RateBudget.Kind, _ user: Identifier) {
        self.kind = kind
        (high, low) = (user.high, user.low)
    }

    /// - Parameter client: counted by its network; those of whom nothing is known count together.
    init(_ kind: RateBudget.Kind, _ client: IPAddress?) {
        self.kind = kind
        let bytes = client?.network.bytes ?? []
        let number = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        // An IPv4 address beside no network of IPv6: these have 64 bits that are nought.
        (high, low) = (number, bytes.count == 4 ? 4 : 0)
    }

    /// By which a shard is chosen.
    var spread: UInt64 { (high ^ low ^ UInt64(kind.rawValue)) &* 0x9E37_79B9_7F4A_7C15 >> 32 }

    // MARK: On the wire

    /// The kind's number and 32 hexadecimal digits.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let kind = UInt8(parts[0]).flatMap(RateBudget.Kind.init(rawValue:)),
            let high = UInt64(parts[1], radix: 16), let low = UInt64(parts[2], radix: 16)
        else { return nil }
        self.kind = kind
        (self.high, self.low) = (high, low)
    }

    var text: String { "\(kind.rawValue)-\(String(high, radix: 16))-\(String(low, radix: 16))" }
}
