import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOWebSocket
import Primitives
import Synchronization

/// A connection: HTTP/1.1, which the first request may turn into a WebSocket.
///
/// A socket lives in its channel handlers alone; no task waits for it, so that an idle one costs little.
struct GatewayChannel: ServerChildChannel, HTTPChannelHandler {
    typealias HTTP = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    enum Negotiated: Sendable {
        case http(HTTP)
        case socket
    }

    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let negotiated: EventLoopFuture<Negotiated>
    }

    let responder: HTTPChannelHandler.Responder
    let upgrade: SocketUpgrade
    let hub: SocketHub
    /// A connection without a request for so long is closed.
    let idleTimeout: Duration

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let negotiated = channel.eventLoop.makePromise(of: Negotiated.self)
            // A connection that ends before its first request must not leave anybody waiting.
            channel.closeFuture.whenComplete { _ in negotiated.fail(ChannelError.eof) }
            // Nor must one that sends nothing stay open.
            let deadline = channel.eventLoop.scheduleTask(in: .seconds(30)) { channel.close(promise: nil) }
            negotiated.futureResult.whenComplete { _ in deadline.cancel() }
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderListSize = 32 * 1024
            limits.maxHeaderFieldSize = 16 * 1024
            limits.maxHeaderFieldCount = 100
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(HTTPResponseEncoder())
            try pipeline.addHandler(
                ByteToMessageHandler(
                    HTTPRequestDecoder(
                        leftOverBytesStrategy: .forwardBytes, informationalResponseStrategy: .drop,
                        limitConfiguration: limits)))
            try pipeline.addHandler(
                UpgradeGate(
                    admit: { channel, head in
                        guard SocketUpgrade.door(at: URI(head.uri).path) != nil else { return nil }
                        return channel.eventLoop.makeFutureWithTask { try await admit(head) }
                    },
                    stayPlain: { negotiated.succeed(.http(try plainHTTP($0, logger: logger))) },
                    becomeSocket: { channel, handshake in
                        try socket(channel, handshake)
                        negotiated.succeed(.socket)
                    }))
            try pipeline.addHandler(MalformedRequestHandler())
            return Value(channel: channel, negotiated: negotiated.futureResult)
        }
    }

    private func plainHTTP(_ channel: any Channel, logger: Logger) throws -> HTTP {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
        try pipeline.addHandler(HTTPConnectionStateHandler(idleTimeout: idleTimeout, logger: logger))
        return try HTTP(wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }

    private func socket(_ channel: any Channel, _ handshake: SocketUpgrade.Handshake) throws {
        guard let loop = hub.loops[channel.eventLoop] else { throw ChannelError.operationUnsupported }
        let socket = LiveSocket(
            door: handshake.door, channel: channel, loop: loop, requestID: handshake.requestID,
            verified: handshake.verified)
        try channel.pipeline.syncOperations.addHandler(SocketHandler(socket: socket, hub: hub))
        hub.opened(socket)
        if socket.door == .socketIO {
            socket.send(
                EngineIOPacket.handshake(
                    sessionID: socket.name, upgrades: [], maximumPayload: SocketHandler.messageLimit))
        }
    }

    private func admit(_ head: HTTPRequestHead) async throws -> SocketUpgrade.Handshake {
        var fields = HTTPFields()
        for (name, value) in head.headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        return try await upgrade.admit(URI(head.uri), fields, host: head.headers.first(name: "host"))
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.negotiated.get() {
            case .http(let channel):
                await withTaskExecutorPreference(hub.loops[value.channel.eventLoop]?.executor) {
                    await handleHTTP(asyncChannel: channel, logger: logger)
                }
            case .socket: break
            }
        } catch {
            // The client went away, or did not speak HTTP from the first byte.
            logger.debug("connection ended before its first request", metadata: ["error": "\(error)"])
            value.channel.close(promise: nil)
        }
    }
}
