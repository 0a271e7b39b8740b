import HTTPTypes
import NIOCore
import Primitives

/// The proxies whose word about the client is believed: addresses and networks (`10.0.0.0/8`, `::1`).
struct TrustedProxies: Sendable {
    private struct Network: Sendable {
        var address: IPAddress
        var bits: Int

        init?(_ text: String) {
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let address = parts.first.flatMap({ IPAddress(String($0)) }) else { return nil }
            self.address = address
            bits = address.bytes.count * 8
            if parts.count == 2 {
                guard let bits = Int(parts[1]), (0...self.bits).contains(bits) else { return nil }
                self.bits = bits
            }
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

    /// Whether any word is believed at all.
    var isEmpty: Bool { networks.isEmpty }

    func trusts(_ address: IPAddress?) -> Bool {
        guard let address else { return false }
        return networks.contains { $0.address.shares($0.bits, with: address) }
    }

    /// Whether the client reached the outermost proxy over HTTPS, as a trusted proxy tells by `X-Forwarded-Proto`, or by
    /// `proto` in its element of `Forwarded`.
    func saysHTTPS(peer: SocketAddress?, headers: HTTPFields) -> Bool {
        guard !networks.isEmpty, trusts(peer?.ipAddress.flatMap { IPAddress($0) }) else { return false }
        if let scheme = headers[.forwardedProto] { return scheme.lowercased() == "https" }
        return ForwardedElement.all(of: headers[values: .forwarded]).last?.proto == "https"
    }

    /// Whose request it is, as the trusted proxies tell: the last address of `X-Forwarded-For`, or of `Forwarded`
    /// (RFC 7239), that is none of theirs.
    ///
    /// Where both are there and tell of different clients one of them came from the client itself, past a proxy that
    /// writes only the other: then neither is believed, and the request is the nearest proxy's.
    /// - Returns: `nil` when the connection has no address.
    func client(peer: SocketAddress?, headers: HTTPFields) -> IPAddress? {
        guard let peer = peer?.ipAddress.flatMap({ IPAddress($0) }) else { return nil }
        guard !networks.isEmpty, trusts(peer) else { return peer }
        let listed = headers[values: .forwardedFor].flatMap { $0.split(separator: ",") }
            .map { Self.address(String($0).trimmingBlanks()) }
        let elements = ForwardedElement.all(of: headers[values: .forwarded]).map(\.client)
        switch (listed.isEmpty, elements.isEmpty) {
        case (true, true): return peer
        case (false, true): return client(behind: peer, listed)
        case (true, false): return client(behind: peer, elements)
        case (false, false):
            let client = client(behind: peer, listed)
            return client == self.client(behind: peer, elements) ? client : peer
        }
    }

    /// - Parameter hops: from the client on; `nil` is what is no address, which nobody wrote who is believed.
    private func client(behind peer: IPAddress, _ hops: [IPAddress?]) -> IPAddress {
        var client = peer
        for hop in hops.reversed() {
            guard let hop else { break }
            client = hop
            guard trusts(hop) else { break }
        }
        return client
    }

    /// An address as proxies write it: bare, in brackets, and with or without a port.
    static func address(_ text: String) -> IPAddress? {
        if let address = IPAddress(text) { return address }
        let bytes = text.utf8
        if bytes.first == UInt8(ascii: "["), let end = bytes.firstIndex(of: UInt8(ascii: "]")) {
            let rest = bytes[bytes.index(after: end)...]
            guard rest.isEmpty || isPort(rest) else { return nil }
            return IPAddress(String(text[bytes.index(after: bytes.startIndex)..<end]))
        }
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), isPort(bytes[colon...]) else { return nil }
        return IPAddress(String(text[..<colon]))
    }

    private static func isPort(_ text: Substring.UTF8View) -> Bool {
        text.first == UInt8(ascii: ":") && (2...6).contains(text.count)
            && text.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}

extension HTTPField.Name {
    static let forwarded = HTTPField.Name("Forwarded") ?? .server
    static let forwardedFor = HTTPField.Name("X-Forwarded-For") ?? .server
    static let forwardedProto = HTTPField.Name("X-Forwarded-Proto") ?? .server
}

extension String {
    /// Without the spaces and tabs around it.
    func trimmingBlanks() -> String {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let rest = utf8.drop(while: isBlank)
        return String(Substring(rest[..<(rest.lastIndex { !isBlank($0) }.map(rest.index(after:)) ?? rest.startIndex)]))
    }
}
