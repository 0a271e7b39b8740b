internal import NIOCore

/// Who hears what sockets receive. On the sockets' event loop.
protocol SocketListener: AnyObject {
    /// The socket is open and has joined its room, if it has one.
    func ready(_ socket: SocketClient)
    /// A text message, without what Socket.IO puts around it.
    func received(_ bytes: UnsafeRawBufferPointer, _ socket: SocketClient)
    func ended(_ socket: SocketClient, why: String)
}

/// What carries a socket's messages. On the socket's event loop.
protocol SocketCarrier: AnyObject {
    /// Sends the message that `body` writes.
    func send(_ body: (inout ByteBuffer) -> Void)
    func close()
}

/// One socket, through the handshake of its door and into its room.
final class SocketClient {
    /// In this order; `.plain` and `.bare` leave out what they do not have.
    private enum Phase {
        case connecting
        case joining
        case ready
        case ended
    }

    let plan: SocketPlan
    /// Counted from 0 in the order of the plan.
    let index: Int
    // The carrier owns the socket.
    private weak var carrier: (any SocketCarrier)?
    // The listener outlives its sockets.
    private unowned let listener: any SocketListener
    private var phase = Phase.connecting
    /// Highest number of a message in the room that was told so far.
    var lastSeq = 0

    init(plan: SocketPlan, index: Int, listener: any SocketListener) {
        self.plan = plan
        self.index = index
        self.listener = listener
    }

    func send(_ body: (inout ByteBuffer) -> Void) { carrier?.send(body) }

    // MARK: What the carrier tells

    /// Messages may be sent. With Socket.IO the server has the first word.
    func opened(_ carrier: any SocketCarrier) {
        self.carrier = carrier
        if !plan.door.isSocketIO { join() }
    }

    func text(_ bytes: UnsafeRawBufferPointer) {
        guard plan.door.isSocketIO else { return message(bytes) }
        switch (bytes.first, bytes.count > 1 ? bytes[1] : 0) {
        case (UInt8(ascii: "0"), _): send { $0.writeString("40{\"token\":\"\(plan.token)\"}") }
        case (UInt8(ascii: "1"), _): end("session closed")
        case (UInt8(ascii: "2"), _): send { $0.writeString("3") }
        case (UInt8(ascii: "4"), UInt8(ascii: "0")): join()
        case (UInt8(ascii: "4"), UInt8(ascii: "4")): end("connection to the namespace refused")
        case (UInt8(ascii: "4"), _): message(UnsafeRawBufferPointer(rebasing: bytes[2...]))
        default: break
        }
    }

    func end(_ why: String) {
        guard phase != .ended else { return }
        phase = .ended
        carrier?.close()
        listener.ended(self, why: why)
    }

    // MARK: The way into the room

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
        let isAnswer = ByteScan.starts(with: plan.door.isSocketIO ? "0[" : "{\"ack\":0,", bytes)
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
}
