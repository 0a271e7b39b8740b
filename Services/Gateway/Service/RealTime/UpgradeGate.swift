import Crypto
import Foundation
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Looks at the first request of a connection and makes it a WebSocket (RFC 6455 §4.2) or leaves it plain HTTP.
///
/// NIO's own upgrade handler loses a request whose upgrade is refused, and clients are promised an answer that says
/// why.
final class UpgradeGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case awaitingHead
        /// Parts that came while the decision is being made; few, since a request with a body is never asked about.
        case deciding([HTTPServerRequestPart])
        case plain
        case upgraded
    }

    private var state = State.awaitingHead
    /// Gives the socket's handler when the request is admitted, else fails; asked once, for a well-formed upgrade at a
    /// socket's path.
    private let admit: (any Channel, HTTPRequestHead) -> EventLoopFuture<SocketUpgrade.Handshake>?
    /// Adds the handlers of plain HTTP behind this one.
    private let stayPlain: (any Channel) throws -> Void
    /// Adds the handlers of the socket.
    private let becomeSocket: (any Channel, SocketUpgrade.Handshake) throws -> Void

    init(
        admit: @escaping (any Channel, HTTPRequestHead) -> EventLoopFuture<SocketUpgrade.Handshake>?,
        stayPlain: @escaping (any Channel) throws -> Void,
        becomeSocket: @escaping (any Channel, SocketUpgrade.Handshake) throws -> Void
    ) {
        self.admit = admit
        self.stayPlain = stayPlain
        self.becomeSocket = becomeSocket
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .upgraded: context.fireChannelRead(data)
        case .plain: forward(unwrapInboundIn(data), context)
        case .deciding(var parts):
            parts.append(unwrapInboundIn(data))
            state = .deciding(parts)
        case .awaitingHead:
            let part = unwrapInboundIn(data)
            if case .head(let head) = part, let key = Self.key(of: head), let decision = admit(context.channel, head) {
                state = .deciding([part])
                let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                decision.hop(to: context.eventLoop).whenComplete { result in
                    let (gate, context) = bound.value
                    gate.decided(result, key, context)
                }
            } else {
                goPlain(context, [part])
            }
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // A client that left without asking for anything, as health checks by TCP do: nobody is there to answer.
        if case ChannelEvent.inputClosed = event, case .awaitingHead = state { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    /// The client's key, when the request is a complete opening handshake.
    private static func key(of head: HTTPRequestHead) -> String? {
        guard head.method == .GET, head.version == .http1_1,
            head.headers[canonicalForm: "upgrade"].contains(where: { $0.lowercased() == "websocket" }),
            head.headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "upgrade" }),
            head.headers.first(name: "sec-websocket-version") == "13", !head.headers.contains(name: "content-length"),
            !head.headers.contains(name: "transfer-encoding")
        else { return nil }
        return head.headers.first(name: "sec-websocket-key")
    }

    private func decided(
        _ result: Result<SocketUpgrade.Handshake, any Error>, _ key: String, _ context: ChannelHandlerContext
    ) {
        guard case .deciding(let parts) = state, context.channel.isActive else { return }
        guard case .success(let handshake) = result else { return goPlain(context, parts) }
        upgrade(context, key, handshake)
    }

    private func goPlain(_ context: ChannelHandlerContext, _ parts: [HTTPServerRequestPart]) {
        state = .plain
        do { try stayPlain(context.channel) } catch { return context.close(promise: nil) }
        for part in parts { forward(part, context) }
        context.fireChannelReadComplete()
    }

    private func forward(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        guard case .head(var head) = part, head.headers.contains(name: "upgrade") else {
            return context.fireChannelRead(wrapInboundOut(part))
        }
        // The decoder reads nothing after a request that asked for an upgrade, so the connection must end with its
        // answer.
        head.headers.remove(name: "upgrade")
        head.headers.replaceOrAdd(name: "connection", value: "close")
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    private func upgrade(_ context: ChannelHandlerContext, _ key: String, _ handshake: SocketUpgrade.Handshake) {
        state = .upgraded
        let digest = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        let headers = HTTPHeaders([
            ("Upgrade", "websocket"), ("Connection", "Upgrade"),
            ("Sec-WebSocket-Accept", Data(digest).base64EncodedString()),
            ("X-Request-Id", handshake.requestID),
        ])
        let head = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        let pipeline = context.channel.pipeline.syncOperations
        do {
            // The encoder goes before anything is written through the new handlers, which write whole frames; the
            // decoder goes last and hands over what it has left.
            let encoder = try pipeline.handler(type: HTTPResponseEncoder.self)
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            pipeline.removeHandler(encoder, promise: nil)
            try becomeSocket(context.channel, handshake)
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            pipeline.removeHandler(decoder).whenComplete { _ in
                let (gate, context) = bound.value
                context.pipeline.syncOperations.removeHandler(gate, promise: nil)
            }
        } catch {
            context.close(promise: nil)
        }
    }
}
