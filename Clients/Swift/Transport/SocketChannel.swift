import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

/// One WebSocket (RFC 6455) to `/ws`.
struct SocketChannel: Sendable {
    private typealias Frames = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    private let frames: Frames

    /// The largest message that is read: a join brings up to 100 messages.
    private static let largestMessage = 16 << 20

    /// - Parameter patience: until it is open.
    /// - Throws: `offline`, `CancellationError`.
    static func open(_ origin: Origin, tls: TLSConfiguration?, patience: Duration) async throws -> SocketChannel {
        let limit = TimeAmount(patience)
        do {
            let context = origin.isSecure ? try NIOSSLContext(configuration: tls ?? .makeClientConfiguration()) : nil
            let upgrade = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(limit)
                .connect(host: origin.host, port: origin.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if let context {
                            try channel.pipeline.syncOperations.addHandler(tlsHandler(context, origin.host))
                        }
                        // Closing fails the upgrade, which nothing else would end.
                        let late = channel.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
                        let upgrade = try start(on: channel, authority: origin.authority)
                        upgrade.whenComplete { _ in late.cancel() }
                        return upgrade
                    }
                }
            guard let frames = try await upgrade.get() else { throw Problem(.offline, "There is no WebSocket there.") }
            return SocketChannel(frames: frames)
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw error as? Problem ?? Problem(.offline, "Nobody was reached: \(error)")
        }
    }

    /// Server names are names: for an address none is sent (RFC 6066, 3).
    private static func tlsHandler(_ context: NIOSSLContext, _ host: String) throws -> NIOSSLClientHandler {
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
    }

    private static func start(on channel: any Channel, authority: String) throws -> EventLoopFuture<Frames?> {
        let upgrader = NIOTypedWebSocketClientUpgrader<Frames?>(maxFrameSize: largestMessage) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(
                    NIOWebSocketFrameAggregator(
                        minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 1024,
                        maxAccumulatedFrameSize: largestMessage))
                return try Frames(wrappingChannelSynchronously: channel)
            }
        }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/ws", headers: ["Host": authority])
        return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
            configuration: .init(
                upgradeConfiguration: NIOTypedHTTPClientUpgradeConfiguration(
                    upgradeRequestHead: head, upgraders: [upgrader],
                    notUpgradingCompletionHandler: { channel in
                        channel.close(promise: nil)
                        return channel.eventLoop.makeSucceededFuture(nil)
                    })))
    }

    /// Hands on each text message, one after another, until the connection is gone or the task cancelled.
    /// - Returns: the code with which the server has closed it, if it has said one.
    func read(_ received: ([UInt8]) async -> Void) async -> Int? {
        do {
            return try await frames.executeThenClose { inbound, _ in
                for try await frame in inbound {
                    switch frame.opcode {
                    case .text:
                        await received([UInt8](buffer: frame.unmaskedData))
                    case .ping:
                        write(.pong, frame.unmaskedData)
                    case .connectionClose:
                        write(.connectionClose, frame.unmaskedData)
                        var reason = frame.unmaskedData
                        return reason.readInteger(as: UInt16.self).map(Int.init)
                    default: break
                    }
                }
                return nil
            }
        } catch {
            return nil
        }
    }

    func send(_ text: [UInt8]) { write(.text, ByteBuffer(bytes: text)) }

    /// Ends `read`.
    func close() { frames.channel.close(promise: nil) }

    /// What cannot be written is noticed by whoever waits for the answer.
    private func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
        frames.channel.writeAndFlush(frame, promise: nil)
    }
}
