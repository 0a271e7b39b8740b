import NIOCore
import NIOWebSocket

/// WebSocket frames as a server sends them: whole and unmasked (RFC 6455 §5.2).
///
/// Made once for any number of sockets, and handed to the kernel in one piece: a frame encoder in each socket's
/// pipeline would make the head anew for every one.
enum OutboundFrame {
    static func text(_ text: ByteBuffer) -> ByteBuffer { make(.text, text) }

    static func make(_ opcode: WebSocketOpcode, _ payload: ByteBuffer = ByteBuffer()) -> ByteBuffer {
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
        frame.writeImmutableBuffer(payload)
        return frame
    }

    static func closing(_ code: SocketCloseCode) -> ByteBuffer {
        var payload = ByteBuffer()
        payload.write(webSocketErrorCode: code)
        return make(.connectionClose, payload)
    }
}
