import NIOCore
import NIOWebSocket

/// The end of a socket's pipeline: answers control frames, and hands messages on. One for each socket, on its event
/// loop.
final class SocketHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// The largest message, in bytes; fragments count together.
    static let messageLimit = 64 * 1024

    private let socket: LiveSocket
    private let hub: SocketHub
    private var reader = FrameReader(limit: SocketHandler.messageLimit)
    /// Part of a frame: at most the largest one, and what one turn of the event loop reads.
    private var buffer = ByteBuffer()
    /// Whether the client has broken the protocol: what it sends then means nothing.
    private var hasFailed = false
    /// Bytes that came after the socket was closed.
    private var lateBytes = 0
    /// How many of them are taken while the client's own close is awaited.
    private static let lateLimit = 1024 * 1024

    init(socket: LiveSocket, hub: SocketHub) {
        self.socket = socket
        self.hub = hub
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if socket.isClosed {
            lateBytes += bytes.readableBytes
            if lateBytes > Self.lateLimit { return context.close(promise: nil) }
            if hasFailed { return }
        }
        if buffer.readableBytes == 0 { buffer = bytes } else { buffer.writeBuffer(&bytes) }
        do throws(FrameReader.Fault) {
            while let event = try reader.next(from: &buffer) {
                if case .close(let code) = event { return leave(context, code) }
                // Of a client that has been told to go nothing counts but that it goes.
                guard !socket.isClosed else { continue }
                socket.heard()
                switch event {
                case .text(let message): if socket.take(message) { socket.loop.work(on: socket) }
                case .ping(let payload): socket.loop.write(.frame(OutboundFrame.make(.pong, payload), to: socket))
                case .pong, .close: break
                }
            }
            if buffer.readableBytes == 0 { buffer = ByteBuffer() }
        } catch {
            hasFailed = true
            buffer = ByteBuffer()
            socket.loop.close(socket, error.code)
        }
    }

    /// Says the client's own code back, if nothing was said yet, and ends the connection, as the server does it first
    /// (RFC 6455 §7.1.1).
    private func leave(_ context: ChannelHandlerContext, _ code: SocketCloseCode?) {
        buffer = ByteBuffer()
        socket.loop.close(socket, code ?? .normalClosure)
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // What the server says when it stops is not for us: `SocketDrain` spreads the closing over time.
        if case ChannelEvent.inputClosed = event { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        hub.closed(socket)
        context.fireChannelInactive()
    }
}
