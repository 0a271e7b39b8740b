/// A message as WebSocket and Engine.IO know it.
package enum SocketMessage: Sendable, Equatable {
    /// UTF-8 from a WebSocket; from a polling client, too.
    case text([UInt8])
    case binary([UInt8])

    /// In bytes.
    package var count: Int {
        switch self {
        case .text(let bytes), .binary(let bytes): bytes.count
        }
    }
}

/// What a server makes of one socket.
package protocol SocketPeer: Sendable {
    /// Works on a message. Called for one message after another, on a task of the socket's event loop: must not block.
    func received(_ message: SocketMessage) async

    /// Asked at every sweep: whether the socket has said who it is, so that it may stay. A good moment to look at
    /// whatever changes with time.
    func isWelcome() -> Bool

    /// The socket has not said who it is in time, and is to be closed.
    func overstayed()

    /// The socket is gone. Called once, on its event loop.
    func closed()
}
