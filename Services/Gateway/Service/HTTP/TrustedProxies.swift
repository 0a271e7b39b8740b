import Foundation
import HTTPTypes
import NIOCore

/// The proxies whose word about the client is believed: addresses and networks (`10.0.0.0/8`, `::1`).
struct TrustedProxies: Sendable {
    private struct Network: Sendable {
        var bytes: [UInt8]
        var bits: Int

        init?(_ text: String) {
            let parts = text.split(separator: "/", maxSplits: 1)
            guard let address = parts.first, let bytes = TrustedProxies.bytes(String(address)) else { return nil }
            self.bytes = bytes
            bits = bytes.count * 8
            if parts.count == 2 {
                guard let bits = Int(parts[1]), (0...self.bits).contains(bits) else { return nil }
                self.bits = bits
            }
        }

        func contains(_ other: [UInt8]) -> Bool {
            guard other.count == bytes.count else { return false }
            for index in 0..<bytes.count {
                let wanted = min(8, max(0, bits - index * 8))
                let mask = wanted == 0 ? 0 : UInt8(truncatingIfNeeded: 0xFF00 >> wanted)
                if bytes[index] & mask != other[index] & mask { return false }
            }
            return true
        }
    }

    private let networks: [Network]

    /// - Returns: `nil` when an entry is neither an address nor a network.
    init?(_ entries: [String]) {
        var networks: [Network] = []
        for entry in entries {
            guard let network = Network(entry) else { return nil }
            networks.append(network)
        }
        self.networks = networks
    }

    private static func bytes(_ address: String) -> [UInt8]? {
        var v4 = in_addr()
        if inet_pton(AF_INET, address, &v4) == 1 { return withUnsafeBytes(of: &v4) { Array($0) } }
        var v6 = in6_addr()
        if inet_pton(AF_INET6, address, &v6) == 1 { return withUnsafeBytes(of: &v6) { Array($0) } }
        return nil
    }

    /// Whether the client reached the outermost proxy over HTTPS, as a trusted proxy tells.
    func saysHTTPS(peer: SocketAddress?, headers: HTTPFields) -> Bool {
        guard !networks.isEmpty, let address = peer?.ipAddress.flatMap(Self.bytes),
            networks.contains(where: { $0.contains(address) }),
            let name = HTTPField.Name("X-Forwarded-Proto")
        else { return false }
        return headers[name]?.lowercased() == "https"
    }
}
