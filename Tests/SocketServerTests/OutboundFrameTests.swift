import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing

@testable import SocketServer

/// What the gateway writes is read by NIO's own decoder, which is not ours.
struct OutboundFrameTests {
    /// Through both borders between the three forms of a length (RFC 6455 §5.2).
    @Test("A text of any length is one whole frame", arguments: [0, 1, 125, 126, 65_535, 65_536, 100_000])
    func lengths(count: Int) throws {
        let text = ByteBuffer(repeating: UInt8(ascii: "a"), count: count)
        let frame = try #require(try decoded(OutboundFrame.text(text).bytes))
        #expect(frame.fin && frame.opcode == .text && frame.maskKey == nil)
        #expect(frame.data == text)
        #expect(OutboundFrame.text(text).payload == text)
    }

    @Test("Two frames behind each other stay apart")
    func two() throws {
        var bytes = OutboundFrame.text(ByteBuffer(string: "one")).bytes
        bytes.writeImmutableBuffer(OutboundFrame(.ping).bytes)
        let channel = try decoder()
        try channel.writeInbound(bytes)
        #expect(try channel.readInbound(as: WebSocketFrame.self)?.data == ByteBuffer(string: "one"))
        #expect(try channel.readInbound(as: WebSocketFrame.self)?.opcode == .ping)
    }

    @Test("Closing carries its code", arguments: [1000, 1012, 1013, 4401])
    func closing(code: Int) throws {
        var frame = try #require(try decoded(OutboundFrame.closing(WebSocketErrorCode(codeNumber: code)).bytes))
        #expect(frame.opcode == .connectionClose)
        #expect(frame.data.readInteger(as: UInt16.self) == UInt16(code))
    }

    private func decoder() throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(
            ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: 1 << 20)))
        return channel
    }

    private func decoded(_ bytes: ByteBuffer) throws -> WebSocketFrame? {
        let channel = try decoder()
        try channel.writeInbound(bytes)
        return try channel.readInbound(as: WebSocketFrame.self)
    }
}
