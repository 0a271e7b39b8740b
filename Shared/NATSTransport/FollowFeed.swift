import DequeModule
import Messaging
import Primitives
import Synchronization
import Threads

/// The stream's events as the server republishes them, on their way to the task that follows the stream, and when that
/// task is to look at the stream itself.
///
/// What is republished is a message like any other: it is lost when the link is, when the queue here is full, or when the
/// server changes its leader at that moment. The position that each carries shows it, and a look every two seconds finds
/// what nothing came after.
final class FollowFeed: LinkObserver {
    /// What the task that runs the feed is to do.
    enum Next: Sendable {
        case event(StoredEvent)
        /// Look at the stream, and read what is missing.
        case look
        case stopped
    }

    /// Events that wait here at most. With one more all of them are dropped, and read from the stream.
    static let capacity = 4096
    /// Their bytes together at most, counting an event over it when the queue is empty.
    static let byteCapacity = 16 << 20
    private static let interval: Int64 = 2_000_000_000
    /// Between looks while events come in one after another: what one of them follows was not missed.
    private static let longInterval: Int64 = 10_000_000_000
    /// Between looks at a stream that is not republished.
    private static let shortInterval: Int64 = 100_000_000

    private let link: Link
    /// Our place for the server's answers; that of a question is this and its number.
    private let inbox: String
    private let cut: Int
    private let state = Mutex(State())
    private let listeners = Mutex<[Listener]>([])

    private struct State {
        var waiting: Deque<StoredEvent> = []
        var bytes = 0
        var epoch: UInt64 = 1
        var isLookDue = true
        /// When the next look is due, and until when events that come may put it off.
        var nextLook: Int64 = 0
        var lastChance: Int64 = 0
        var isStopped = false
        /// The task that waits in `next`.
        var taker: UnsafeContinuation<Next, Never>?
        /// The task that waits in `pause`.
        var sleeper: (until: Int64, continuation: UnsafeContinuation<Void, Never>)?
        /// Questions asked so far.
        var asked: UInt64 = 0
        /// The task that waits in `fetch`.
        var fetch: (until: Int64, continuation: UnsafeContinuation<Fetched, Never>)?

        mutating func forget() {
            waiting = []
            bytes = 0
        }
    }

    private typealias Fetched = Result<StoredEvent?, StreamAPI.Refusal>

    /// - Parameters:
    ///   - inbox: a subject of ours that nothing else uses, ending with a dot.
    ///   - cut: bytes to cut from the front of subjects that came over the wire.
    init(link: Link, inbox: String, cut: Int) {
        self.link = link
        self.inbox = inbox
        self.cut = cut
    }

    /// - Parameter subject: where the server republishes the stream, as it goes over the wire.
    func open(_ subject: String) throws(TransportError) {
        // Both keep the feed until `stop`.
        let listeners = [
            Listener(subject) { [self] message in
                if let event = StoredEvent(message, cut: cut) { arrived(event) }
            },
            Listener(inbox + "*") { [self] message in answered(message) },
        ]
        for listener in listeners { try link.add(listener) }
        self.listeners.withLock { $0 = listeners }
        link.observe(self)
    }

    // MARK: The task's side

    /// What there is to do. One task at a time may ask.
    func next() async -> Next {
        await withUnsafeContinuation { continuation in
            let answer = state.withLock { state -> Next? in
                let answer = next(of: &state)
                if answer == nil { state.taker = continuation }
                return answer
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Another with every change of the link: the stream may be another then, and what came before says nothing of it.
    var epoch: UInt64 { state.withLock { $0.epoch } }

    /// An event was missing: a look is due at once.
    func missed() { state.withLock { $0.isLookDue = true } }

    /// The look at the stream has worked; a link that changed meanwhile has made another due.
    func looked(isRepublished: Bool) {
        state.withLock { state in
            let now = monotonicNow()
            state.nextLook = now + (isRepublished ? Self.interval : Self.shortInterval)
            state.lastChance = isRepublished ? now + Self.longInterval : state.nextLook
        }
    }

    /// Reads the first event at or behind `sequence` from the stream; `nil` when the server that answers has none, which
    /// may be a copy that is a little behind. One task at a time may ask.
    func fetch(_ sequence: UInt64, timeout: Duration) async throws(StreamAPI.Refusal) -> StoredEvent? {
        let result = await withUnsafeContinuation { continuation in
            let number = state.withLock { state -> UInt64? in
                if state.isStopped { return nil }
                state.asked += 1
                state.fetch = (monotonicNow() + timeout.nanoseconds, continuation)
                return state.asked
            }
            guard let number else { return continuation.resume(returning: .failure(.transport(.disconnected))) }
            do throws(TransportError) {
                let question = StreamAPI.object([
                    "seq": .integer(Int(clamping: sequence)), "next_by_subj": .string(">"),
                ])
                let subject = "$JS.API.DIRECT.GET.\(link.configuration.stream)"
                let connection = try link.connected()
                try EnvelopeCoding.withEncoded(Envelope(payload: JSONWriter.encode(question))) {
                    bytes throws(TransportError) in
                    try connection.publish(subject, reply: "\(inbox)\(number)", bytes)
                }
            } catch {
                finishFetch(number, .failure(.transport(error)))
            }
        }
        return try result.get()
    }

    /// Sleeps for `milliseconds`, or until the feed is stopped or the epoch is not that one.
    func pause(milliseconds: Int64, in epoch: UInt64) async {
        await withUnsafeContinuation { continuation in
            let isOver = state.withLock { state in
                if state.isStopped || state.epoch != epoch { return true }
                state.sleeper = (monotonicNow() + milliseconds * 1_000_000, continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    var isStopped: Bool { state.withLock { $0.isStopped } }

    func stop() {
        update { state in
            state.isStopped = true
            state.forget()
            return true
        }
        finishFetch(nil, .failure(.transport(.disconnected)))
        let listeners = listeners.withLock { listeners in
            defer { listeners = [] }
            return listeners
        }
        for listener in listeners { link.remove(listener) }
    }

    func close() { link.forget(self) }

    // MARK: The link's side

    func linkChanged(up: Bool) {
        update { state in
            state.epoch += 1
            state.isLookDue = true
            state.forget()
            return true
        }
        if !up { finishFetch(nil, .failure(.transport(.disconnected))) }
    }

    func tick(now: Int64) {
        update { state in
            if now >= state.nextLook { state.isLookDue = true }
            return state.sleeper.map { $0.until <= now } ?? false
        }
        let late = state.withLock { state in
            state.fetch.flatMap { $0.until <= now ? state.asked : nil }
        }
        if let late { finishFetch(late, .failure(.transport(.timeout))) }
    }

    private func answered(_ message: IncomingMessage) {
        let number = UInt64(String(subject: message.subject, cut: inbox.utf8.count))
        if let event = StoredEvent(message, cut: cut) {
            finishFetch(number, .success(event))
        } else {
            switch message.status {
            case 404: finishFetch(number, .success(nil))
            case 503: finishFetch(number, .failure(.transport(.noResponders)))
            case let status: finishFetch(number, .failure(.refused(code: status ?? 0, text: "not an event")))
            }
        }
    }

    /// - Parameter number: of the question, so that a late answer is not taken for that of the next; `nil` for whichever
    ///   waits.
    private func finishFetch(_ number: UInt64?, _ result: Fetched) {
        let fetch = state.withLock { state in
            number == nil || number == state.asked ? state.fetch.take() : nil
        }
        fetch?.continuation.resume(returning: result)
    }

    private func arrived(_ event: StoredEvent) {
        update { state in
            let size = event.event.message.payload.count
            if !state.waiting.isEmpty,
                state.waiting.count >= Self.capacity || state.bytes + size > Self.byteCapacity
            {
                // All of it is read from the stream, so that what comes next joins on to what was read.
                state.isLookDue = true
                state.forget()
            } else if !state.isStopped {
                state.waiting.append(event)
                state.bytes += size
                state.nextLook = min(monotonicNow() + Self.interval, state.lastChance)
            }
            return false
        }
    }

    /// Changes the state, and wakes whoever waits and has something to do now.
    /// - Parameter change: says whether the sleeper is to be woken.
    private func update(_ change: (inout State) -> Bool) {
        let (taker, answer, sleeper) = state.withLock { state in
            let wakes = change(&state)
            let sleeper = wakes ? state.sleeper.take()?.continuation : nil
            guard state.taker != nil, let answer = next(of: &state) else {
                return (UnsafeContinuation<Next, Never>?.none, Next.stopped, sleeper)
            }
            return (state.taker.take(), answer, sleeper)
        }
        taker?.resume(returning: answer)
        sleeper?.resume()
    }

    private func next(of state: inout State) -> Next? {
        if state.isStopped { return .stopped }
        // Without a link nothing can be looked at; when it comes this is asked again.
        if state.isLookDue {
            if link.connection == nil { return nil }
            state.isLookDue = false
            return .look
        }
        guard let event = state.waiting.popFirst() else { return nil }
        state.bytes -= event.event.message.payload.count
        return .event(event)
    }
}
