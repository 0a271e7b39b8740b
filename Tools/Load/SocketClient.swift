internal import NIOCore

/// Who hears what sockets receive. On the sockets' event loop.
protocol SocketListener: AnyObject {
    /// The socket is open and has joined its room, if it has one.
    func ready(_ socket: SocketClient)
    /// A text message, without what Socket.IO puts around it.
    func received(_ bytes: UnsafeRawBufferPointer, _ socket: SocketClient)
    func ended(_ socket: SocketClient, why: String)
}

/// One socket, through the handshake of its door and into its room.
final class SocketClient: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// In this order; `.plain` and `.bare` leave out what they do not have.
    private enum Phase {
        case upgrading
        case connecting
        case joining
        case ready
        case ended
    }

    let plan: SocketPlan
    /// Counted from 0 in the order of the plan.
    let index: Int
    private let channel: any Channel
    // The listener outlives its sockets.
    private unowned let listener: any SocketListener
    private var phase = Phase.upgrading
    private var reader = FrameReader()
    /// Highest number of a message in the room that was told so far.
    var lastSeq = 0

    init(plan: SocketPlan, index: Int, channel: any Channel, listener: any SocketListener) {
        self.plan = plan
        self.index = index
        self.channel = channel
        self.listener = listener
    }

    func send(_ body: (inout ByteBuffer) -> Void) { send(.text, body) }

    private func send(_ opcode: FrameReader.Opcode, _ body: (inout ByteBuffer) -> Void) {
        var buffer = channel.allocator.buffer(capacity: 512)
        buffer.writeFrame(opcode, body)
        channel.writeAndFlush(buffer, promise: nil)
    }

    func close() { channel.close(promise: nil) }

    func channelActive(context: ChannelHandlerContext) {
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
        if phase == .upgrading {
            guard let head = reader.readHead() else { return }
            guard head.hasPrefix("HTTP/1.1 101") else { return end("refused: \(head.prefix(40))") }
            phase = .connecting
            if plan.door != .socketIO { join() }
        }
        while let (opcode, payload) = reader.next() {
            switch opcode {
            case .text: payload.withUnsafeReadableBytes { text($0) }
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

    private func text(_ bytes: UnsafeRawBufferPointer) {
        guard plan.door == .socketIO else { return message(bytes) }
        switch (bytes.first, bytes.count > 1 ? bytes[1] : 0) {
        case (UInt8(ascii: "0"), _): send { $0.writeString("40{\"token\":\"\(plan.token)\"}") }
        case (UInt8(ascii: "2"), _): send { $0.writeString("3") }
        case (UInt8(ascii: "4"), UInt8(ascii: "0")): join()
        case (UInt8(ascii: "4"), UInt8(ascii: "4")): end("connection to the namespace refused")
        case (UInt8(ascii: "4"), _): message(UnsafeRawBufferPointer(rebasing: bytes[2...]))
        default: break
        }
    }

    private func join() {
        guard let room = plan.room, plan.door != .bare else { return beReady() }
        phase = .joining
        let data = "{\"orderId\":\"\(room)\",\"limit\":1}"
        let isPlain = plan.door == .plain
        send {
            $0.writeString(isPlain ? "{\"id\":0,\"event\":\"joinRoom\",\"data\":\(data)}" : "420[\"joinRoom\",\(data)]")
        }
    }

    private func message(_ bytes: UnsafeRawBufferPointer) {
        guard phase == .joining else { return listener.received(bytes, self) }
        let isAnswer = ByteScan.starts(with: plan.door == .socketIO ? "0[" : "{\"ack\":0,", bytes)
        guard isAnswer else { return }
        guard let seq = ByteScan.number(after: "\"lastSeq\":", in: bytes) else {
            return end("not joined: \(String(decoding: bytes.prefix(200), as: UTF8.self))")
        }
        lastSeq = seq
        beReady()
    }

    private func beReady() {
        phase = .ready
        listener.ready(self)
    }

    private func end(_ why: String) {
        guard phase != .ended else { return }
        phase = .ended
        channel.close(promise: nil)
        listener.ended(self, why: why)
    }
}
