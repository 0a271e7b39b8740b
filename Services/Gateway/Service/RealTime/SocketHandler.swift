import NIOCore
import NIOWebSocket

/// The end of a socket's pipeline: answers control frames, and hands messages on. One for each socket, on its event loop.
final class SocketHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// The largest message, in bytes; fragments count together.
    static let messageLimit = 64 * 1024

    private let socket: LiveSocket
    private let hub: SocketHub
    private var reader = FrameReader(limit: SocketHandler.messageLimit)
    /// Part of a frame: at most the largest one, and what one turn of the event loop reads.
    private var buffer = ByteBuffer()

    init(socket: LiveSocket, hub: SocketHub) {
        self.socket = socket
        self.hub = hub
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Nothing is heard of a client that has been told to go, or that took its leave.
        guard !socket.isClosed else { return }
        var bytes = unwrapInboundIn(data)
        if buffer.readableBytes == 0 { buffer = bytes } else { buffer.writeBuffer(&bytes) }
        do throws(FrameReader.Fault) {
            while let event = try reader.next(from: &buffer) {
                socket.heard()
                switch event {
                case .text(let message): if socket.take(message) { socket.loop.work(on: socket) }
                case .ping(let payload): socket.loop.write(.frame(OutboundFrame.make(.pong, payload), to: socket))
                case .pong: break
                case .close(let code): return leave(context, code)
                }
            }
            if buffer.readableBytes == 0 { buffer = ByteBuffer() }
        } catch {
            buffer = ByteBuffer()
            socket.closeOnLoop(error.code)
        }
    }

    /// Says the client's own code back, and ends the connection, as the server does it first (RFC 6455 §7.1.1).
    private func leave(_ context: ChannelHandlerContext, _ code: SocketCloseCode?) {
        buffer = ByteBuffer()
        socket.closeOnLoop(code ?? .normalClosure)
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
