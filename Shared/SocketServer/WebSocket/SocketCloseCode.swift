package import NIOWebSocket

/// Why a socket is closed: a code of RFC 6455 §7.4.1, or one of the application.
package typealias SocketCloseCode = WebSocketErrorCode

extension SocketCloseCode {
    /// 1012: nothing is wrong with the client; it should come again.
    package static let reconnect = SocketCloseCode.unknown(1012)
    /// 1013: the client does not take what it is sent.
    package static let tooSlow = SocketCloseCode.unknown(1013)
}
