package import NIOCore
import NIOWebSocket

/// A WebSocket frame as a server sends it: whole and unmasked (RFC 6455 §5.2).
///
/// Made once for any number of sockets, and handed to the kernel in one piece: a frame encoder in each socket's
/// pipeline would make the head anew for every one. A client that polls gets its payload alone.
package struct OutboundFrame: Sendable {
    /// Head and payload.
    package let bytes: ByteBuffer
    private let headLength: Int
    let isBinary: Bool

    /// What it carries, without a copy.
    var payload: ByteBuffer {
        bytes.getSlice(at: bytes.readerIndex + headLength, length: bytes.readableBytes - headLength) ?? ByteBuffer()
    }

    /// A text message, which must be UTF-8.
    package static func text(_ text: ByteBuffer) -> OutboundFrame { OutboundFrame(.text, text) }

    /// A binary message.
    package static func binary(_ data: ByteBuffer) -> OutboundFrame { OutboundFrame(.binary, data) }

    init(_ opcode: WebSocketOpcode, _ payload: ByteBuffer = ByteBuffer()) {
        let count = payload.readableBytes
        var frame = ByteBufferAllocator().buffer(capacity: count + 10)
        // The highest bit says that the message ends with this frame.
        frame.writeInteger(0x80 | UInt8(webSocketOpcode: opcode))
        switch count {
        case ..<126: frame.writeInteger(UInt8(count))
        case ..<65_536:
            frame.writeInteger(126 as UInt8)
            frame.writeInteger(UInt16(count))
        default:
            frame.writeInteger(127 as UInt8)
            frame.writeInteger(UInt64(count))
        }
        headLength = frame.readableBytes
        frame.writeImmutableBuffer(payload)
        bytes = frame
        isBinary = opcode == .binary
    }

    static func closing(_ code: SocketCloseCode) -> OutboundFrame {
        var payload = ByteBuffer()
        payload.write(webSocketErrorCode: code)
        return OutboundFrame(.connectionClose, payload)
    }
}

/// A message for any number of sockets, made ready once for each kind of them.
package struct OutboundEvent: Sendable {
    private let plain: OutboundFrame
    private let engineIO: OutboundFrame

    /// - Parameters:
    ///   - plain: the text for plain WebSockets.
    ///   - engineIO: the text for Engine.IO's clients, the packet's type before it.
    package init(plain: ByteBuffer, engineIO: ByteBuffer) {
        self.plain = .text(plain)
        self.engineIO = .text(engineIO)
    }

    /// For a socket of `door`.
    package func frame(at door: SocketConnection.Door) -> OutboundFrame {
        switch door {
        case .webSocket: plain
        case .engineIO: engineIO
        }
    }
}
