import HTTPTypes
import NIOCore

/// By which scheme a client reached us, or the outermost of the proxies that are trusted.
struct ClientScheme: Sendable {
    /// Whether the gateway itself speaks TLS.
    let hasTLS: Bool
    let proxies: TrustedProxies

    func isHTTPS(peer: SocketAddress?, headers: HTTPFields) -> Bool {
        hasTLS || proxies.saysHTTPS(peer: peer, headers: headers)
    }

    /// `http` or `https`. What the target of a request names is the client's word and does not count.
    func name(peer: SocketAddress?, headers: HTTPFields) -> String {
        isHTTPS(peer: peer, headers: headers) ? "https" : "http"
    }
}
