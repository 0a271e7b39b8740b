import NIOCore

/// One packet of Engine.IO protocol 4 (https://socket.io/docs/v4/engine-io-protocol/): a type digit and its text. How
/// packets travel (WebSocket frames, or a long-polling body with separators) is the transport's business.
enum EngineIOPacket: Equatable {
    case open
    case close
    case ping
    case pong
    case message([UInt8])
    case upgrade
    case noop

    /// Milliseconds between two pings of the server, and how long it waits for the answer.
    static let pingInterval = 25_000
    static let pingTimeout = 20_000

    init?(_ bytes: [UInt8]) {
        switch bytes.first {
        case UInt8(ascii: "0"): self = .open
        case UInt8(ascii: "1"): self = .close
        case UInt8(ascii: "2"): self = .ping
        case UInt8(ascii: "3"): self = .pong
        case UInt8(ascii: "4"): self = .message(Array(bytes.dropFirst()))
        case UInt8(ascii: "5"): self = .upgrade
        case UInt8(ascii: "6"): self = .noop
        default: return nil
        }
    }

    /// The handshake of a session: the first packet that the server sends.
    static func handshake(sessionID: String, maximumPayload: Int) -> ByteBuffer {
        ByteBuffer(
            string: """
                0{"sid":"\(sessionID)","upgrades":[],"pingInterval":\(pingInterval),"pingTimeout":\(pingTimeout),\
                "maxPayload":\(maximumPayload)}
                """)
    }

    static let pingText = ByteBuffer(string: "2")
    static let pongText = ByteBuffer(string: "3")
}
