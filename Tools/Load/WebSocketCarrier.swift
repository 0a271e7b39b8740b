internal import NIOCore

/// A socket's WebSocket.
final class WebSocketCarrier: ChannelInboundHandler, SocketCarrier {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let socket: SocketClient
    private let channel: any Channel
    private var reader = FrameReader()
    private var isUpgraded = false

    init(_ socket: SocketClient, channel: any Channel) {
        self.socket = socket
        self.channel = channel
    }

    func send(_ body: (inout ByteBuffer) -> Void) { send(.text, body) }

    private func send(_ opcode: FrameReader.Opcode, _ body: (inout ByteBuffer) -> Void) {
        var buffer = channel.allocator.buffer(capacity: 512)
        buffer.writeFrame(opcode, body)
        channel.writeAndFlush(buffer, promise: nil)
    }

    func close() { channel.close(promise: nil) }

    func channelActive(context: ChannelHandlerContext) {
        let plan = socket.plan
        let path = plan.door == .socketIO ? "/socket.io/?EIO=4&transport=websocket" : "/ws"
        var lines = [
            "GET \(path) HTTP/1.1", "Host: \(plan.address.host):\(plan.address.port)", "Connection: Upgrade",
            "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
        ]
        if plan.door == .plain { lines.append("Authorization: Bearer \(plan.token)") }
        channel.writeAndFlush(ByteBuffer(string: lines.joined(separator: "\r\n") + "\r\n\r\n"), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reader.add(unwrapInboundIn(data))
        if !isUpgraded {
            guard let head = reader.readHead() else { return }
            guard head.hasPrefix("HTTP/1.1 101") else { return end("refused: \(head.prefix(40))") }
            isUpgraded = true
            socket.opened(self)
        }
        while let (opcode, payload) = reader.next() {
            switch opcode {
            case .text: payload.withUnsafeReadableBytes { socket.text($0) }
            case .ping: send(.pong) { $0.writeImmutableBuffer(payload) }
            case .close:
                let code: UInt16? = payload.getInteger(at: payload.readerIndex)
                end("closed with \(code.map { String($0) } ?? "no code")")
            default: break
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) { end("connection lost") }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { end("\(error)") }

    private func end(_ why: String) {
        socket.end(why)
        close()
    }
}
