import Messaging
import NIOCore
import NIOEmbedded
import NIOWebSocket
import Primitives
import Testing

@testable import GatewayService

/// A socket whose client is the test: what is written to it is read back as frames.
struct TestSocket: Sendable {
    let live: LiveSocket
    private let channel: NIOAsyncTestingChannel

    init(_ caller: Caller?, door: LiveSocket.Door = .plain) async throws {
        let channel = NIOAsyncTestingChannel()
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
        let verified = caller.map {
            VerifiedToken(caller: $0, expiresAt: Timestamp.now().advanced(bySeconds: 600))
        }
        live = try await channel.testingEventLoop.executeInContext {
            LiveSocket(
                door: door, channel: channel, loop: GatewayLoop(channel.eventLoop), requestID: "test",
                verified: verified)
        }
        self.channel = channel
    }

    /// What has been written since the last look: texts, and the code of a close as `close 1012`.
    func read() async throws -> [String] {
        await channel.testingEventLoop.run()
        var bytes = ByteBuffer()
        while var more = try await channel.readOutbound(as: ByteBuffer.self) { bytes.writeBuffer(&more) }
        return try Self.words(in: bytes)
    }

    private static func words(in bytes: ByteBuffer) throws -> [String] {
        let decoder = EmbeddedChannel()
        try decoder.pipeline.syncOperations.addHandler(
            ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: 1 << 20)))
        try decoder.writeInbound(bytes)
        var words: [String] = []
        while var frame = try decoder.readInbound(as: WebSocketFrame.self) {
            switch frame.opcode {
            case .text: words.append(String(buffer: frame.data))
            case .connectionClose: words.append("close \(frame.data.readInteger(as: UInt16.self) ?? 0)")
            default: break
            }
        }
        return words
    }

    /// Reads until `isEnough` of all that was written since the last look.
    @discardableResult
    func read(until isEnough: @Sendable ([String]) -> Bool) async throws -> [String] {
        var words: [String] = []
        let end = ContinuousClock.now + .seconds(10)
        while !isEnough(words) {
            words += try await read()
            guard ContinuousClock.now < end else {
                Issue.record("not within 10 s; came: \(words)")
                return words
            }
            await Task.yield()
        }
        return words
    }

    func advance(by time: TimeAmount) async { await channel.testingEventLoop.advanceTime(by: time) }
}
