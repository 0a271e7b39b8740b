internal import NIOCore
internal import NIOPosix

/// Messages from senders to everybody in their rooms, and what came of them.
///
/// `@unchecked Sendable`: but for the start it is used on its fleet's event loop only.
final class ChatRun: SocketListener, @unchecked Sendable {
    /// What makes room for a sender's next message.
    enum Release: Sendable {
        /// Its acknowledgement.
        case acknowledged
        /// That everybody in the room has it. For one sender in each room.
        case delivered
    }

    private let plans: [SocketPlan]
    private let release: Release
    /// Kept as long as its loop is used, which does not keep it.
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private(set) lazy var fleet = SocketFleet(plans, loop: group.next(), listener: self)
    private var rooms: [String: ChatRoom] = [:]
    /// By the sockets' index.
    private var roomOf: [ChatRoom] = []
    private var senderOf: [ChatSender?] = []
    private var senders: [ChatSender] = []
    private var isSending = false
    private var isMeasuring = false
    private var tally = ChatTally()

    init(_ plans: [SocketPlan], release: Release) {
        self.plans = plans
        self.release = release
        senderOf = Array(repeating: nil, count: plans.count)
        for plan in plans {
            let room = rooms[plan.room ?? "-"] ?? ChatRoom()
            rooms[plan.room ?? "-"] = room
            roomOf.append(room)
        }
    }

    // MARK: The run

    /// Keeps `window` messages of each sender under way.
    func beginClosed(window: Int) {
        prepare(window: window)
        for sender in senders { for _ in 0..<window { send(sender, at: NIODeadline.now().uptimeNanoseconds) } }
    }

    /// Sends `rate` messages a second, the senders in turn, however long the answers take.
    func beginPaced(rate: Double, seconds: Double) {
        prepare(window: 4096)
        var turn = 0
        Pacer(loop: fleet.loop, rate: rate, seconds: seconds) { [self] moment in
            turn = (turn + 1) % senders.count
            send(senders[turn], at: moment)
        }.tick()
    }

    private func prepare(window: Int) {
        isSending = true
        for room in rooms.values { room.begin() }
        let name = UInt64.random(in: 0..<1 << 48)
        for socket in fleet.sockets where socket.plan.isSender {
            let sender = ChatSender(socket: socket, name: name, window: window)
            senders.append(sender)
            senderOf[socket.index] = sender
        }
    }

    /// Sets what was counted to nothing: the warm-up is over.
    func measure() {
        isMeasuring = true
        tally = ChatTally()
        tally.complete = -complete
    }

    func stopMeasuring() {
        isMeasuring = false
        tally.complete += complete
    }

    func stopSending() { isSending = false }

    /// Whether everything that was sent has been acknowledged and was told to everybody.
    var isSettled: Bool { senders.allSatisfy { $0.outstanding == 0 } && rooms.values.allSatisfy(\.isSettled) }

    /// Messages that everybody in their room has.
    private var complete: Int { rooms.values.reduce(0) { $0 + $1.complete } }

    func json(seconds: Double) -> String {
        tally.json(seconds: seconds, missing: rooms.values.reduce(0) { $0 + $1.missing })
    }

    private func send(_ sender: ChatSender, at moment: UInt64) {
        let room = roomOf[sender.socket.index]
        room.sent += 1
        sender.send(at: moment, number: room.base + room.sent)
        // A bare server acknowledges nothing.
        if sender.socket.plan.door == .bare { sender.outstanding -= 1 }
    }

    // MARK: What sockets tell

    func ready(_ socket: SocketClient) {
        roomOf[socket.index].readers.append(socket)
        fleet.ready(socket)
    }

    func ended(_ socket: SocketClient, why: String) {
        tally.ended += 1
        tally.failure = why
        fleet.ended(socket, why: why)
    }

    func received(_ bytes: UnsafeRawBufferPointer, _ socket: SocketClient) {
        let isSocketIO = socket.plan.door.isSocketIO
        if ByteScan.starts(with: isSocketIO ? "[\"newMessage\"" : "{\"event\":\"newMessage\"", bytes) {
            delivered(bytes, socket)
        } else if isSocketIO, let first = bytes.first, first &- 48 < 10 {
            acknowledged(bytes, idAt: 0, socket)
        } else if !isSocketIO, ByteScan.starts(with: "{\"ack\":", bytes) {
            acknowledged(bytes, idAt: 7, socket)
        } else if ByteScan.starts(with: isSocketIO ? "[\"error\"" : "{\"event\":\"error\"", bytes) {
            fail(bytes)
        }
    }

    private func delivered(_ bytes: UnsafeRawBufferPointer, _ socket: SocketClient) {
        guard let seq = ByteScan.number(after: "\"seq\":", in: bytes, from: 20) else { return fail(bytes) }
        if seq != socket.lastSeq + 1 { tally.disordered += 1 }
        socket.lastSeq = seq
        let room = roomOf[socket.index]
        if isMeasuring {
            tally.deliveries += 1
            if let moment = ByteScan.number(after: "\"content\":\"", in: bytes, from: 20) {
                tally.untilDelivery.record(nanoseconds: NIODeadline.now().uptimeNanoseconds &- UInt64(moment))
            }
        }
        guard release == .delivered, room.count(seq), isSending, let sender = room.sender(among: senderOf) else {
            return
        }
        send(sender, at: NIODeadline.now().uptimeNanoseconds)
    }

    private func acknowledged(_ bytes: UnsafeRawBufferPointer, idAt offset: Int, _ socket: SocketClient) {
        guard let sender = senderOf[socket.index] else { return }
        let id = ByteScan.number(in: bytes, at: offset)
        let moment = sender.acknowledged(id)
        let now = NIODeadline.now().uptimeNanoseconds
        if ByteScan.end(of: "\"error\":", in: UnsafeRawBufferPointer(rebasing: bytes.prefix(36))) != nil {
            roomOf[socket.index].sent -= 1
            fail(bytes)
        } else if isMeasuring {
            tally.acknowledgements += 1
            tally.untilAcknowledgement.record(nanoseconds: now &- moment)
        }
        if release == .acknowledged, isSending, sender.isClosedLoop { send(sender, at: now) }
    }

    private func fail(_ bytes: UnsafeRawBufferPointer) {
        tally.failures += 1
        tally.failure = String(decoding: bytes.prefix(200), as: UTF8.self)
    }
}
