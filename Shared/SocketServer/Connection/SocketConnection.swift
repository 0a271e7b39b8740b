package import NIOCore
import NIOWebSocket
import Synchronization

/// One open socket: what is written to it, what it has sent, and how it ends; over a WebSocket, or over requests that
/// poll for it.
///
/// May be used from anywhere. Writes keep the order in which they were asked for, because the event loop takes them in
/// that order (`SocketLoop`).
package final class SocketConnection: Sendable {
    /// Which protocol the client speaks.
    package enum Door: Sendable {
        case webSocket
        case engineIO
    }

    /// What carries it.
    enum Transport {
        case webSocket(WebSocketTransport)
        case polling(PollingTransport)
        case gone
    }

    private struct State {
        var inbox = SocketInbox()
        var vigil: SocketVigil
        var messages: TokenBucket?
        var controls: TokenBucket?
        /// Nothing is written or read any more.
        var isClosed = false
        /// Why it is closed when what has been read is worked on.
        var ending: SocketCloseCode?
        var peer: (any SocketPeer)?

        /// While nothing is read from the client it cannot be heard: what it says waits behind what is worked on.
        mutating func excusePause(at now: NIODeadline) { if inbox.isPaused { vigil.heard(at: now) } }
    }

    /// Unlike that of any other socket of this process.
    package let id: Int
    package let door: Door
    package let loop: SocketLoop
    /// Its name for Engine.IO: whoever knows it may poll for the session, so only its client is told.
    package let sessionID: String
    let acceptor: SocketAcceptor
    private let place: NIOLoopBoundBox<Transport>
    private let state: Mutex<State>

    private static let lastID = Atomic<Int>(0)

    /// On the event loop of `loop` only. `transport` is given by `begin`.
    init(_ door: Door, _ loop: SocketLoop, sessionID: String, acceptor: SocketAcceptor) {
        id = Self.lastID.wrappingAdd(1, ordering: .relaxed).newValue
        self.door = door
        self.loop = loop
        self.sessionID = sessionID
        self.acceptor = acceptor
        place = NIOLoopBoundBox(.gone, eventLoop: loop.eventLoop)
        let now = loop.eventLoop.now
        let budget = acceptor.settings.budget.map { TokenBucket($0, at: now) }
        state = Mutex(State(vigil: SocketVigil(openedAt: now), messages: budget, controls: budget))
    }

    var settings: SocketSettings { acceptor.settings }

    /// On the socket's event loop only.
    var transport: Transport {
        get { place.value }
        set { place.value = newValue }
    }

    /// What the server makes of it; `nil` once it is gone.
    package var peer: (any SocketPeer)? { state.withLock { $0.peer } }

    func begin(_ transport: Transport, _ peer: any SocketPeer) {
        self.transport = transport
        state.withLock { $0.peer = peer }
    }

    package var isClosed: Bool { state.withLock { $0.isClosed } }

    // MARK: Writing

    package func send(_ frame: OutboundFrame) { loop.write(.frame(frame, to: self)) }

    func ping() { send(door == .webSocket ? OutboundFrame(.ping) : EngineIOPacket.pingFrame) }

    /// Returns when less than `limit` bytes wait for the reader, or the socket is closed.
    package func waitUntilRead(below limit: Int = 256 * 1024) async {
        while !isClosed, await unreadBytes() >= limit {
            guard (try? await Task.sleep(for: .milliseconds(10))) != nil else { return }
        }
    }

    private func unreadBytes() async -> Int {
        let waiting = loop.eventLoop.flatSubmit { [self] in
            switch transport {
            case .webSocket(let transport):
                transport.channel.eventLoop.submit { transport.unreadBytes }.hop(to: loop.eventLoop)
            case .polling(let polling): loop.eventLoop.makeSucceededFuture(polling.unreadBytes)
            case .gone: loop.eventLoop.makeSucceededFuture(0)
            }
        }
        return (try? await waiting.get()) ?? 0
    }

    // MARK: Closing

    /// Closes behind what has been sent. Clients that poll know no codes, but whether they are to come again.
    package func close(_ code: SocketCloseCode) { loop.write(.closing(self, code)) }

    /// Closes at a moment of its own within `time` after `delay`, so that those who come again do not come all at once.
    package func close(_ code: SocketCloseCode, after delay: TimeAmount, within time: TimeAmount) {
        let moment = delay + .nanoseconds(Int64.random(in: 0...max(1, time.nanoseconds)))
        loop.eventLoop.scheduleTask(in: moment) { self.close(code) }
    }

    /// The client has sent its last: closes when that has been worked on, or after five seconds.
    func finish(_ code: SocketCloseCode) {
        let isIdle = state.withLock { state in
            state.ending = code
            return state.inbox.isIdle
        }
        if isIdle { return close(code) }
        loop.eventLoop.scheduleTask(in: .seconds(5)) { self.close(code) }
    }

    /// Ends it for everybody but its transport: nothing more is written, and what it sends means nothing.
    /// - Returns: whether it was open.
    @discardableResult
    package func end() -> Bool {
        let (wasOpen, reading) = state.withLock { state in
            defer { state.isClosed = true }
            return (!state.isClosed, state.inbox.close())
        }
        apply(reading)
        return wasOpen
    }

    /// Closes without waiting for anything. On the socket's event loop only.
    func closeNow(_ code: SocketCloseCode) {
        guard end() else { return }
        switch transport {
        case .webSocket(let transport):
            if transport.loop === loop {
                transport.close(code)
            } else {
                transport.loop.eventLoop.execute { transport.close(code) }
            }
        case .polling(let polling): polling.leave(code)
        case .gone: break
        }
    }

    /// The client is taken for gone: nobody is told.
    func vanish() {
        loop.eventLoop.execute { [self] in
            switch transport {
            case .webSocket(let transport): transport.channel.close(promise: nil)
            case .polling: gone()
            case .gone: break
            }
        }
    }

    /// Its transport is no more. On the socket's event loop only.
    func gone() {
        // Before what it has sent is forgotten: that goes on with a POST, which may end in a change to a WebSocket.
        if case .polling(let polling) = transport { polling.end() }
        end()
        transport = .gone
        acceptor.forget(self)
        let peer = state.withLock { state in
            defer { state.peer = nil }
            return state.peer
        }
        peer?.closed()
    }

    // MARK: Reading

    /// Takes a message that was read; from any thread.
    func take(_ message: SocketMessage) {
        let (mustWork, reading) = state.withLock { $0.inbox.take(message) }
        apply(reading)
        if mustWork { loop.work(on: self) }
    }

    /// The next message to work on; `nil` when there is none or the socket is closed.
    func next() -> SocketMessage? {
        let (message, reading) = state.withLock { $0.inbox.next() }
        apply(reading)
        return message
    }

    /// Ends the work until more comes, unless there is more already.
    func rests() -> Bool {
        let (rests, ending) = state.withLock { ($0.inbox.rest(), $0.ending) }
        if rests, let ending { close(ending) }
        return rests
    }

    /// Whether nothing more is taken for now.
    var isPaused: Bool { state.withLock { $0.inbox.isPaused } }

    private func apply(_ reading: SocketInbox.Reading?) {
        guard reading != nil else { return }
        if loop.eventLoop.inEventLoop { setReading() } else { loop.eventLoop.execute { self.setReading() } }
    }

    /// By how it is now, not by what was decided: a pause that was decided on the channel's own loop may come here
    /// behind the end of that pause, and would last for ever.
    private func setReading() {
        let isReading = !isPaused
        switch transport {
        case .webSocket(let transport): transport.setReading(isReading)
        case .polling(let polling): if isReading { polling.feed() }
        case .gone: break
        }
    }

    // MARK: Watching

    /// Something came from the client.
    func heard() { state.withLock { $0.vigil.heard(at: loop.eventLoop.now) } }

    /// What is to be done with the socket now.
    func judge() -> SocketVigil.Verdict {
        guard !isClosed else { return .fine }
        let isWelcome = peer?.isWelcome() ?? true
        return state.withLock { state in
            guard !state.isClosed else { return .fine }
            state.excusePause(at: loop.eventLoop.now)
            return state.vigil.judge(settings, isWelcome: isWelcome, now: loop.eventLoop.now)
        }
    }

    /// Whether it has not answered in time, be it that no sweep has found that yet.
    var isSilent: Bool {
        state.withLock { state in
            state.excusePause(at: loop.eventLoop.now)
            return state.vigil.isSilent(settings, at: loop.eventLoop.now)
        }
    }

    /// Takes one message out of the socket's budget.
    /// - Returns: whether there was one left.
    package func spendMessage() -> Bool {
        state.withLock { $0.messages?.take(at: loop.eventLoop.now) ?? true }
    }

    /// The same for frames that carry no message.
    func spendControl() -> Bool { state.withLock { $0.controls?.take(at: loop.eventLoop.now) ?? true } }
}
