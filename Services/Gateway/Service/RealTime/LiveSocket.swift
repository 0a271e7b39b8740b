import Messaging
import NIOCore
import NIOWebSocket
import Primitives
import Synchronization

/// One open socket: what the rest of the gateway needs to know of it, and how to write to it.
///
/// Writes keep the order in which they were asked for, because the event loop takes them in that order.
final class LiveSocket: Sendable {
    /// Which protocol the client speaks.
    enum Door: Sendable {
        case plain
        case socketIO
    }

    /// Bytes not yet taken by the reader at which it counts as too slow and is closed with 1013.
    static let outboundLimit = 4 * 1024 * 1024
    /// Frames read and not yet worked on at which reading pauses.
    static let inboxLimit = 32

    struct State {
        var verified: VerifiedToken?
        /// Socket.IO: whether the default namespace has been connected to.
        var isConnected = false
        var inbox: [[UInt8]] = []
        var isWorking = false
        var isReadingPaused = false
        var isClosed = false
        var vigil = SocketVigil()
        var rooms: Set<Identifier> = []
    }

    let id: Int
    let door: Door
    /// Also the Engine.IO and Socket.IO session id.
    let name: String
    let channel: any Channel
    let loop: GatewayLoop
    /// Whether something was written and not flushed yet.
    private let isUnflushed: NIOLoopBoundBox<Bool>
    /// The id under which what this socket does is logged.
    let requestID: String
    let state: Mutex<State>

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
        state = Mutex(State(verified: verified))
    }

    var caller: Caller? { state.withLock { $0.verified?.caller } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

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

    /// Closes behind what has been sent.
    func close(_ code: SocketCloseCode) { loop.write(.closing(self, code)) }

    /// Closes at a moment of its own within `time` after `delay`, so that those who come again do not come all at once.
    func close(_ code: SocketCloseCode, after delay: Duration = .zero, within time: Duration) {
        let moment = delay.milliseconds + Int64.random(in: 0...max(1, time.milliseconds))
        channel.eventLoop.scheduleTask(in: .milliseconds(moment)) { self.closeOnLoop(code) }
    }

    /// On the event loop only.
    /// - Returns: whether a flush is due that was not due before.
    func write(_ frame: ByteBuffer) -> Bool {
        guard !isClosed else { return false }
        channel.write(frame, promise: nil)
        defer { isUnflushed.value = true }
        return !isUnflushed.value
    }

    /// On the event loop only. Everything that is written comes through here, answers to pings too: it is where a slow
    /// reader is noticed.
    func flush() {
        isUnflushed.value = false
        channel.flush()
        guard !channel.isWritable else { return }
        let waiting = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        if waiting > Self.outboundLimit { closeOnLoop(.unknown(1013)) }
    }

    /// Says why, and gives the reader five seconds to take what is still waiting. Nothing is written after it.
    func closeOnLoop(_ code: SocketCloseCode) {
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        guard isFirst else { return }
        let channel = channel
        channel.writeAndFlush(OutboundFrame.closing(code)).whenComplete { _ in
            // The other side closes when it has read this; if it does not, we do.
            channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
        }
        channel.eventLoop.scheduleTask(in: .seconds(5)) { channel.close(promise: nil) }
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

    // MARK: Reading

    /// Takes a frame that was read. On the event loop.
    /// - Returns: whether a worker must be called for this socket.
    func take(_ bytes: [UInt8]) -> Bool {
        let (mustWork, mustPause) = state.withLock { state in
            state.inbox.append(bytes)
            let mustPause = state.inbox.count >= Self.inboxLimit && !state.isReadingPaused
            if mustPause { state.isReadingPaused = true }
            defer { state.isWorking = true }
            return (!state.isWorking, mustPause)
        }
        if mustPause { try? channel.syncOptions?.setOption(.autoRead, value: false) }
        return mustWork
    }

    /// Ends the work until more comes, unless there is more already.
    func rests() -> Bool {
        state.withLock { state in
            guard state.inbox.isEmpty || state.isClosed else { return false }
            state.isWorking = false
            return true
        }
    }

    /// The next frame to work on; `nil` when there is none or the socket is closed.
    func next() -> [UInt8]? {
        let (frame, mustResume) = state.withLock { state -> ([UInt8]?, Bool) in
            guard !state.inbox.isEmpty, !state.isClosed else {
                state.inbox = []
                return (nil, state.isReadingPaused)
            }
            let frame = state.inbox.removeFirst()
            let mustResume = state.isReadingPaused && state.inbox.count <= Self.inboxLimit / 4
            if mustResume { state.isReadingPaused = false }
            return (frame, mustResume)
        }
        if mustResume {
            let channel = channel
            channel.eventLoop.execute { try? channel.syncOptions?.setOption(.autoRead, value: true) }
        }
        return frame
    }

    func heard() { state.withLock { $0.vigil.heard() } }
}

extension Problem: Error {}
