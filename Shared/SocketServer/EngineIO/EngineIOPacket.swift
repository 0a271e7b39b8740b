import Foundation
import NIOCore

/// One packet of Engine.IO protocol 4 (https://socket.io/docs/v4/engine-io-protocol/). How packets travel (WebSocket
/// frames, or a long-polling body with separators) is the transport's business.
enum EngineIOPacket: Equatable {
    case open
    case close
    /// With what stands behind the type: `probe`, or nothing.
    case ping([UInt8])
    case pong([UInt8])
    case message(SocketMessage)
    case upgrade
    case noop

    static let probe = Array("probe".utf8)

    /// - Returns: `nil` for what is no packet.
    init?(text bytes: [UInt8]) { self.init(bytes[...]) }

    private init?(_ bytes: ArraySlice<UInt8>) {
        let rest = bytes.dropFirst()
        switch bytes.first {
        case UInt8(ascii: "4"): self = .message(.text(Array(rest)))
        case UInt8(ascii: "2"): self = .ping(Array(rest))
        case UInt8(ascii: "3"): self = .pong(Array(rest))
        case UInt8(ascii: "0"): self = .open
        case UInt8(ascii: "1"): self = .close
        case UInt8(ascii: "5"): self = .upgrade
        case UInt8(ascii: "6"): self = .noop
        default: return nil
        }
    }

    /// As it stands in a body: what is binary is in base64, with a `b` before it.
    /// - Returns: `nil` for what is no packet.
    init?(encoded bytes: ArraySlice<UInt8>) {
        guard bytes.first == UInt8(ascii: "b") else {
            self.init(bytes)
            return
        }
        guard let data = Data(base64Encoded: Data(bytes.dropFirst())) else { return nil }
        self = .message(.binary(Array(data)))
    }

    /// A frame as it stands in a body.
    static func encode(_ frame: OutboundFrame, to body: inout ByteBuffer) {
        guard frame.isBinary else {
            body.writeImmutableBuffer(frame.payload)
            return
        }
        body.writeString("b")
        body.writeString(Data(frame.payload.readableBytesView).base64EncodedString())
    }

    /// The first packet of a session.
    static func handshake(of socket: SocketConnection, upgrades: [String]) -> OutboundFrame {
        let settings = socket.settings
        let list = upgrades.map { "\"\($0)\"" }.joined(separator: ",")
        return .text(
            ByteBuffer(
                string: """
                    0{"sid":"\(socket.sessionID)","upgrades":[\(list)],\
                    "pingInterval":\(settings.pingInterval.nanoseconds / 1_000_000),\
                    "pingTimeout":\(settings.pingTimeout.nanoseconds / 1_000_000),\
                    "maxPayload":\(settings.maximumPayload)}
                    """))
    }

    static let pingFrame = OutboundFrame.text(ByteBuffer(string: "2"))
    static let closeFrame = OutboundFrame.text(ByteBuffer(string: "1"))
    static let noopFrame = OutboundFrame.text(ByteBuffer(string: "6"))

    static func pongFrame(_ data: [UInt8]) -> OutboundFrame {
        var text = ByteBuffer(string: "3")
        text.writeBytes(data)
        return .text(text)
    }
}

/// The packets in the body of a POST, one after another: separated by `\x1e`.
struct EngineIOPayload {
    /// Why a body is no list of packets.
    struct Malformed: Error, Equatable {}

    private static let separator: UInt8 = 0x1E

    private let body: [UInt8]
    private var offset = 0
    private var isDone = false

    /// - Throws: for what is not UTF-8.
    init(_ body: [UInt8]) throws(Malformed) {
        guard String(validating: body, as: UTF8.self) != nil else { throw Malformed() }
        self.body = body
    }

    /// `nil` when there is no other.
    mutating func next() throws(Malformed) -> EngineIOPacket? {
        guard !isDone else { return nil }
        let end = body[offset...].firstIndex(of: Self.separator) ?? body.count
        guard let packet = EngineIOPacket(encoded: body[offset..<end]) else { throw Malformed() }
        offset = end + 1
        isDone = end == body.count
        return packet
    }

    /// Appends a frame to the body of an answer.
    static func append(_ frame: OutboundFrame, to body: inout ByteBuffer) {
        if body.readableBytes > 0 { body.writeInteger(separator) }
        EngineIOPacket.encode(frame, to: &body)
    }
}
