import NIOCore
import NIOWebSocket

/// The end of a socket's pipeline: joins fragments, answers control frames, and hands text on. One for each socket, on
/// its event loop.
final class SocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    /// The largest message, in bytes; fragments count together.
    static let messageLimit = 64 * 1024

    private let socket: LiveSocket
    private let hub: SocketHub
    private var fragments: ByteBuffer?

    init(socket: LiveSocket, hub: SocketHub) {
        self.socket = socket
        self.hub = hub
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        socket.heard()
        switch frame.opcode {
        case .text:
            guard fragments == nil else { return socket.closeOnLoop(.protocolError) }
            receive(frame)
        case .continuation:
            guard fragments != nil else { return socket.closeOnLoop(.protocolError) }
            receive(frame)
        case .binary: socket.closeOnLoop(.unacceptableData)
        case .ping:
            socket.loop.write(.frame(OutboundFrame.make(.pong, frame.unmaskedData), to: socket))
        case .connectionClose:
            socket.closeOnLoop(.normalClosure)
            context.close(promise: nil)
        default: break
        }
    }

    private func receive(_ frame: WebSocketFrame) {
        var data = frame.unmaskedData
        if fragments != nil {
            fragments?.writeBuffer(&data)
            if (fragments?.readableBytes ?? 0) > Self.messageLimit { return socket.closeOnLoop(.messageTooLarge) }
        } else {
            fragments = data
        }
        guard frame.fin, let message = fragments else { return }
        fragments = nil
        let bytes = Array(message.readableBytesView)
        guard String(validating: bytes, as: UTF8.self) != nil else {
            return socket.closeOnLoop(.dataInconsistentWithMessage)
        }
        if socket.take(bytes) { socket.loop.work(on: socket) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let fault = error as? NIOWebSocketError {
            socket.closeOnLoop(WebSocketErrorCode(fault))
        } else {
            context.close(promise: nil)
        }
    }

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

extension WebSocketErrorCode {
    fileprivate init(_ error: NIOWebSocketError) {
        switch error {
        case .invalidFrameLength: self = .messageTooLarge
        default: self = .protocolError
        }
    }
}
