import MemoryTransport
import Messaging
import NIOCore
import NIOEmbedded
import NIOWebSocket
import Primitives
import Synchronization
import TestKit
import Testing

@testable import GatewayService
@testable import SocketServer

/// A socket whose client is the test: what is written to it is read back as frames.
struct TestSocket: Sendable {
    let live: LiveSocket
    let channel: NIOAsyncTestingChannel

    /// - Parameters:
    ///   - gateway: where it reports; one of its own for a socket that stands alone.
    ///   - hub: in the place of the gateway's.
    init(
        _ verified: VerifiedToken?, door: LiveSocket.Door = .webSocket, gateway: GatewayService? = nil,
        hub: SocketHub? = nil
    ) async throws {
        let channel = NIOAsyncTestingChannel()
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
        let gateway = try gateway ?? TestGateway.service([:], transport: MemoryTransport(hub: MemoryHub()))
        let hub = hub ?? gateway.hub
        live = try await channel.testingEventLoop.executeInContext {
            let opened = Mutex<LiveSocket?>(nil)
            try gateway.acceptor.open(door, on: channel, SocketLoop(channel.eventLoop)) { connection in
                let socket = LiveSocket(
                    connection, verified: verified, requestID: "test", hub: hub, commands: gateway.commands)
                hub.opened(socket)
                opened.withLock { $0 = socket }
                return socket
            }
            return try #require(opened.withLock { $0 })
        }
        self.channel = channel
        // The handshake of Engine.IO.
        if door == .engineIO { _ = try await read() }
    }

    /// The client sends a text.
    func send(_ text: String) async throws {
        let payload = Array(text.utf8)
        var frame = ByteBuffer(bytes: [0x81])
        if payload.count < 126 {
            frame.writeInteger(0x80 | UInt8(payload.count))
        } else {
            frame.writeInteger(0x80 | 126 as UInt8)
            frame.writeInteger(UInt16(payload.count))
        }
        // A mask of zeros changes nothing.
        frame.writeInteger(0 as UInt32)
        frame.writeBytes(payload)
        try await channel.writeInbound(frame)
    }

    /// The client is gone.
    func vanish() async throws { try await channel.close() }

    /// Whether reading from the client goes on.
    var isReading: Bool {
        let asked = channel.options.first { $0.option is ChannelOptions.Types.AutoReadOption }
        return asked?.value as? Bool ?? true
    }

    /// From now on the client takes nothing, as one whose window is full.
    func stall() async throws {
        try await channel.testingEventLoop.executeInContext {
            try channel.pipeline.syncOperations.addHandler(Stall(), position: .first)
        }
        channel.isWritable = false
    }

    private final class Stall: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer

        func flush(context: ChannelHandlerContext) {}
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
            case .ping: words.append("ping")
            default: break
            }
        }
        return words
    }

    /// Reads until `isEnough` of all that was written since the last look.
    @discardableResult
    func read(until isEnough: @Sendable ([String]) -> Bool) async throws -> [String] {
        var words: [String] = []
        let read = {
            words += try await self.read()
            return words
        }
        return try await eventually("enough is written", read, is: isEnough)
    }

    /// Returns when something that was written is `word`, or holds it.
    @discardableResult
    func read(_ word: String) async throws -> [String] {
        try await read { words in words.contains { $0.contains(word) } }
    }

    /// Lets time pass for what the event loop has been asked to do later.
    func advance(by time: TimeAmount) async { await channel.testingEventLoop.advanceTime(by: time) }
}
