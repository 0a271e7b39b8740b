import Messaging
import NIOCore
import NIOWebSocket
import Primitives
import Synchronization

/// One open socket: who it belongs to, which rooms it is in, and how it is written to and read.
///
/// May be used from anywhere. Writes keep the order in which they were asked for, because the event loop takes them in
/// that order (`GatewayLoop`).
final class LiveSocket: Sendable {
    /// Which protocol the client speaks.
    enum Door: Sendable {
        case plain
        case socketIO
    }

    private struct State {
        var verified: VerifiedToken?
        /// Socket.IO: whether the default namespace has been connected to.
        var isConnected = false
        /// Nothing is written, read or joined any more.
        var isClosed = false
        var inbox = SocketInbox()
        var vigil: SocketVigil
        var rooms: Set<Identifier> = []
    }

    let id: Int
    let door: Door
    /// Also the Engine.IO and Socket.IO session id.
    let name: String
    let channel: any Channel
    let loop: GatewayLoop
    /// The id under which what this socket does is logged.
    let requestID: String
    /// Whether something was written and not flushed yet; for `GatewayLoop`.
    let isUnflushed: NIOLoopBoundBox<Bool>
    private let state: Mutex<State>

    private static let nextID = Atomic<Int>(0)

    /// On the event loop only.
    init(door: Door, channel: any Channel, loop: GatewayLoop, requestID: String, verified: VerifiedToken?) {
        id = Self.nextID.wrappingAdd(1, ordering: .relaxed).newValue
        self.door = door
        self.channel = channel
        self.loop = loop
        isUnflushed = NIOLoopBoundBox(false, eventLoop: channel.eventLoop)
        self.requestID = requestID
        name = Identifier.make().description
        state = Mutex(State(verified: verified, vigil: SocketVigil(openedAt: channel.eventLoop.now)))
    }

    // MARK: Whose it is

    var verified: VerifiedToken? { state.withLock { $0.verified } }
    var caller: Caller? { verified?.caller }
    /// Socket.IO: whether the default namespace has been connected to.
    var isConnected: Bool { state.withLock { $0.isConnected } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Makes it its caller's; who may do that is `SocketHub`'s business.
    func belong(to verified: VerifiedToken) { state.withLock { $0.verified = verified } }

    /// Socket.IO: the default namespace is connected to from now on.
    func connect() { state.withLock { $0.isConnected = true } }

    // MARK: Rooms

    var rooms: Set<Identifier> { state.withLock { $0.rooms } }

    /// Notes that it is in a room. One step with the look at whether it is closed, so that whoever closes it finds
    /// every room that it is in.
    /// - Returns: false when it is closed: then it is in none.
    func enter(_ orderID: Identifier) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.rooms.insert(orderID)
            return true
        }
    }

    func exit(_ orderID: Identifier) { state.withLock { _ = $0.rooms.remove(orderID) } }

    // MARK: Writing

    func send(_ event: ServerEvent) { loop.write(.frame(event.frame(at: door), to: self)) }

    func send(_ text: ByteBuffer) { loop.write(.frame(OutboundFrame.text(text), to: self)) }

    /// Answers an event: its acknowledgement, or the event `error` for a failure that nobody waits for.
    func reply(to ackID: Int?, _ result: Result<[UInt8], Problem>) {
        switch (ackID, result) {
        case (let id?, .success(let data)):
            send(
                door == .plain
                    ? PlainFrame.acknowledgement(id, data: data) : SocketIOPacket.acknowledgement(id, data: data))
        case (let id?, .failure(let problem)):
            let bytes = JSONWriter.encode(problem)
            send(door == .plain ? PlainFrame.refusal(id, problem: bytes) : SocketIOPacket.refusal(id, problem: bytes))
        case (nil, .success): break
        case (nil, .failure(let problem)): send(ServerEvent(.error, problem))
        }
    }

    func ping() {
        loop.write(
            .frame(door == .plain ? OutboundFrame.make(.ping) : OutboundFrame.text(EngineIOPacket.pingText), to: self))
    }

    /// Returns when less than `limit` bytes wait for the reader, or the socket is closed.
    func waitUntilRead(below limit: Int = 256 * 1024) async {
        let channel = channel
        while !isClosed {
            let waiting = try? await channel.eventLoop.submit {
                try channel.syncOptions?.getOption(.bufferedWritableBytes) ?? 0
            }.get()
            guard let waiting, waiting >= limit else { return }
            guard (try? await Task.sleep(for: .milliseconds(10))) != nil else { return }
        }
    }

    // MARK: Closing

    /// Closes behind what has been sent.
    func close(_ code: SocketCloseCode) { loop.write(.closing(self, code)) }

    /// Closes at a moment of its own within `time` after `delay`, so that those who come again do not come all at once.
    func close(_ code: SocketCloseCode, after delay: Duration = .zero, within time: Duration) {
        let moment = delay.milliseconds + Int64.random(in: 0...max(1, time.milliseconds))
        channel.eventLoop.scheduleTask(in: .milliseconds(moment)) { self.loop.close(self, code) }
    }

    /// Ends it for everybody but its channel.
    /// - Returns: whether it was open.
    @discardableResult
    func end() -> Bool {
        let (wasOpen, reading) = state.withLock { state in
            defer { state.isClosed = true }
            return (!state.isClosed, state.inbox.close())
        }
        apply(reading)
        return wasOpen
    }

    // MARK: Reading

    /// Takes a frame that was read.
    /// - Returns: whether a worker must be called for this socket.
    func take(_ frame: [UInt8]) -> Bool {
        let (mustWork, reading) = state.withLock { $0.inbox.take(frame) }
        apply(reading)
        return mustWork
    }

    /// The next frame to work on; `nil` when there is none or the socket is closed.
    func next() -> [UInt8]? {
        let (frame, reading) = state.withLock { $0.inbox.next() }
        apply(reading)
        return frame
    }

    /// Ends the work until more comes, unless there is more already.
    func rests() -> Bool { state.withLock { $0.inbox.rest() } }

    private func apply(_ reading: SocketInbox.Reading?) {
        guard let reading else { return }
        let channel = channel
        let set = { @Sendable in try? channel.syncOptions?.setOption(.autoRead, value: reading == .resume) }
        // At once where that is possible: what is read between now and the pause would come in all the same.
        if channel.eventLoop.inEventLoop { _ = set() } else { channel.eventLoop.execute { _ = set() } }
    }

    // MARK: Watching

    /// Something came from the client.
    func heard() { state.withLock { $0.vigil.heard(at: channel.eventLoop.now) } }

    /// What is to be done with the socket now.
    func judge(wall: Timestamp) -> SocketVigil.Verdict {
        let now = channel.eventLoop.now
        return state.withLock { state in
            guard !state.isClosed else { return .fine }
            let isSignedIn = state.verified != nil && (door == .plain || state.isConnected)
            return state.vigil.judge(isSignedIn: isSignedIn, expiry: state.verified?.expiresAt, now: now, wall: wall)
        }
    }
}

extension Problem: Error {}
