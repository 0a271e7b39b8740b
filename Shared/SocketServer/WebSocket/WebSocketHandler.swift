import NIOCore
import NIOWebSocket

/// The end of a WebSocket's pipeline: answers control frames, and hands messages on. One for each channel, on its event
/// loop.
final class WebSocketHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private enum Phase {
        case open
        /// It is a polling session's that may change to it: `2probe` and `5` are all that the client may send.
        case probing
        /// The session has been asked to change; what comes behind waits for it.
        case changing
        /// The client has closed, or broken the protocol: what it sends then means nothing.
        case ended
    }

    private let socket: SocketConnection
    private let transport: WebSocketTransport
    private var phase: Phase
    private var context: ChannelHandlerContext?
    private var reader: FrameReader
    /// Part of a frame: at most the largest one, and what one turn of the event loop reads.
    private var buffer = ByteBuffer()
    /// Bytes that came after the socket was closed.
    private var lateBytes = 0
    /// How many of them are taken while the client's own close is awaited.
    private static let lateLimit = 1024 * 1024

    init(_ socket: SocketConnection, _ transport: WebSocketTransport) {
        self.socket = socket
        self.transport = transport
        phase = .open
        reader = FrameReader(
            limit: socket.settings.maximumPayload,
            acceptsBinary: socket.door == .engineIO || socket.settings.acceptsBinary)
    }

    /// - Parameter socket: polls until it changes to this channel.
    convenience init(probing socket: SocketConnection, _ transport: WebSocketTransport) {
        self.init(socket, transport)
        phase = .probing
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if socket.isClosed || hasEnded {
            lateBytes += bytes.readableBytes
            if lateBytes > Self.lateLimit { return context.close(promise: nil) }
        }
        if hasEnded { return }
        // Part of a message, too: a large one takes its time.
        if isOpen { socket.heard() }
        if buffer.readableBytes == 0 { buffer = bytes } else { buffer.writeBuffer(&bytes) }
        read()
    }

    private func read() {
        do throws(FrameReader.Fault) {
            while isReading, let event = try reader.next(from: &buffer) { try take(event) }
            if buffer.readableBytes == 0 { buffer = ByteBuffer() }
        } catch {
            end(error.code)
        }
    }

    private var isReading: Bool {
        switch phase {
        case .open, .probing: true
        case .changing, .ended: false
        }
    }

    /// Says the client's own code back, or what it did wrong, behind what it has sent before and the answers to that. A
    /// WebSocket that is not the session's yet leaves the session to its polls.
    private func end(_ code: SocketCloseCode) {
        let wasOpen = isOpen
        phase = .ended
        buffer = ByteBuffer()
        transport.clientEnded()
        if wasOpen { socket.finish(code) } else { transport.close(code) }
    }

    private var hasEnded: Bool {
        if case .ended = phase { return true }
        return false
    }

    private var isOpen: Bool {
        if case .open = phase { return true }
        return false
    }

    private func take(_ event: FrameReader.Event) throws(FrameReader.Fault) {
        if case .close(let code) = event { return end(code ?? .normalClosure) }
        // Of a client that has been told to go nothing counts but that it goes.
        guard !socket.isClosed else { return }
        switch event {
        case .text(let text):
            switch socket.door {
            case .webSocket: socket.take(.text(text))
            case .engineIO: try take(EngineIOPacket(text: text))
            }
        case .binary(let data): if isOpen { socket.take(.binary(data)) } else { throw .protocolError }
        case .ping(let payload):
            try control()
            if isOpen { socket.send(OutboundFrame(.pong, payload)) } else { answer(OutboundFrame(.pong, payload)) }
        case .pong: try control()
        case .close: break
        }
    }

    /// Control frames and empty packets cost as well.
    private func control() throws(FrameReader.Fault) {
        guard socket.spendControl() else { throw FrameReader.Fault(code: .policyViolation) }
    }

    private func take(_ packet: EngineIOPacket?) throws(FrameReader.Fault) {
        switch (phase, packet) {
        case (.open, .message(let message)?): socket.take(message)
        case (.open, .ping(let data)?):
            try control()
            socket.send(EngineIOPacket.pongFrame(data))
        case (.open, .close?): end(.normalClosure)
        case (.open, .pong?), (.open, .noop?), (.open, .upgrade?): try control()
        case (.probing, .ping(let data)?) where data == EngineIOPacket.probe:
            answer(EngineIOPacket.pongFrame(data))
            let (socket, transport) = (socket, transport)
            socket.loop.eventLoop.execute {
                if case .polling(let polling) = socket.transport { polling.probed(transport) }
            }
        case (.probing, .upgrade?): change()
        // What the protocol does not know, or not here.
        default: throw .protocolError
        }
    }

    /// Writes what is not the session's, or not yet.
    private func answer(_ frame: OutboundFrame) {
        if transport.write(frame.bytes) { _ = transport.flush() }
    }

    private func change() {
        guard let context else { return }
        phase = .changing
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        let (socket, transport) = (socket, transport)
        // What is sent behind it stays with the client meanwhile.
        transport.setReading(false)
        socket.loop.eventLoop.execute {
            guard case .polling(let polling) = socket.transport else { return transport.channel.close(promise: nil) }
            polling.change(to: transport) {
                transport.channel.eventLoop.execute { handler.value.changed() }
            }
        }
    }

    /// The session is this channel's from now on.
    private func changed() {
        phase = .open
        transport.setReading(!socket.isPaused)
        socket.heard()
        read()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // What the server says when it stops is not for us: the application spreads the closing over time.
        if case ChannelEvent.inputClosed = event { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let (socket, transport) = (socket, transport)
        if socket.loop === transport.loop {
            Self.gone(socket, transport)
        } else {
            socket.loop.eventLoop.execute { Self.gone(socket, transport) }
        }
        context.fireChannelInactive()
    }

    private static func gone(_ socket: SocketConnection, _ transport: WebSocketTransport) {
        switch socket.transport {
        case .webSocket(let current) where current === transport: socket.gone()
        case .polling(let polling): polling.probeEnded(transport)
        case .webSocket, .gone: break
        }
    }
}
