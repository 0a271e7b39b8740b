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

    /// Nobody's word is believed.
    static let none = TrustedProxies(networks: [])

    private init(networks: [Network]) { self.networks = networks }

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
        guard inet_pton(AF_INET6, address, &v6) == 1 else { return nil }
        let bytes = withUnsafeBytes(of: &v6) { Array($0) }
        // IPv4 as a socket of both kinds tells it: `::ffff:10.0.0.1`.
        let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return isMapped ? Array(bytes.suffix(4)) : bytes
    }

    /// Whether the client reached the outermost proxy over HTTPS, as a trusted proxy tells.
    func saysHTTPS(peer: SocketAddress?, headers: HTTPFields) -> Bool {
        guard trusts(peer?.ipAddress), let name = HTTPField.Name("X-Forwarded-Proto")
        else { return false }
        return headers[name]?.lowercased() == "https"
    }

    /// Whose request it is, as the trusted proxies tell: the last address of `X-Forwarded-For` that is none of theirs.
    ///
    /// What one network may use for one customer counts as one address: IPv6 by /64, IPv4 as itself in either writing.
    func clientAddress(peer: SocketAddress?, headers: HTTPFields) -> String {
        var client = peer?.ipAddress ?? "unknown"
        guard trusts(client), let name = HTTPField.Name("X-Forwarded-For") else { return Self.network(of: client) }
        let hops = headers[values: name].flatMap { $0.split(separator: ",") }
        for hop in hops.reversed() {
            client = hop.trimmingCharacters(in: .whitespaces)
            // What is no address was not written by who is believed.
            guard Self.bytes(client) != nil, trusts(client) else { break }
        }
        return Self.network(of: client)
    }

    private func trusts(_ address: String?) -> Bool {
        guard !networks.isEmpty, let bytes = address.flatMap(Self.bytes) else { return false }
        return networks.contains { $0.contains(bytes) }
    }

    private static func network(of address: String) -> String {
        guard let bytes = bytes(address) else { return address }
        if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
        return bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":")
    }
}
