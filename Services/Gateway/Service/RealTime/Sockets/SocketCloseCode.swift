import NIOWebSocket

/// Why a socket is closed: a code of RFC 6455 §7.4.1, or one of this interface.
typealias SocketCloseCode = WebSocketErrorCode

extension SocketCloseCode {
    /// 1012: nothing is wrong with the client; it should come again, and join with `after`.
    static let reconnect = SocketCloseCode.unknown(1012)
    /// 1013: the client does not take what it is sent.
    static let tooSlow = SocketCloseCode.unknown(1013)
    /// 4401: nobody is signed in, or not any more.
    static let signIn = SocketCloseCode.unknown(4401)
}
