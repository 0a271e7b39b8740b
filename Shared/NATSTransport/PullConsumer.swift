import Messaging
import Primitives
import Synchronization
import Threads

/// Events on their way from a pull consumer of the stream to the task that hands them out.
///
/// It asks the stream for events as `PullPlan` says, and keeps those that came until they are taken. Whenever it cannot
/// be sure of its consumer (at first, after a loss of the link, when the server says that the consumer is gone or says
/// nothing at all) it is *detached*: `next` says so, and the task looks for the consumer and calls `attach`.
///
/// What it is attached to is told by `identity`: what was delivered under another is dropped. Acknowledgements wait
/// while the feed is detached or its identity not confirmed, and are sent only under the identity of their delivery: a
/// stream made anew counts from 1 again, and would take an old one for one of its own.
final class PullConsumer: LinkObserver {
    /// What the task that runs the feed is to do.
    enum Next: Sendable {
        case delivery(StreamDelivery)
        case detached
        case stopped
    }

    private let link: Link
    /// Our place to be sent to; a pull's own subject is this and its number.
    private let inbox: String
    private let state: Mutex<State>
    private let listener = Mutex<Listener?>(nil)

    private struct State {
        var feed: PullConsumerState
        /// The task that waits in `next`.
        var taker: UnsafeContinuation<Next, Never>?
        /// The task that waits in `pause`.
        var sleeper: (until: Int64, wakesOnLink: Bool, continuation: UnsafeContinuation<Void, Never>)?
    }

    /// - Parameter inbox: a subject of ours that nothing else uses, ending with a dot.
    init(link: Link, inbox: String, concurrency: Int) {
        self.link = link
        self.inbox = inbox
        state = Mutex(State(feed: PullConsumerState(concurrency: concurrency)))
    }

    func open(cut: Int) throws(TransportError) {
        let prefix = inbox.utf8.count
        // Keeps the feed until `stop` and the last message after it.
        let listener = Listener(inbox + "*") { [self] message in arrived(message, prefix: prefix, cut: cut) }
        try link.add(listener)
        self.listener.withLock { $0 = listener }
        link.observe(self)
    }

    // MARK: The task's side

    /// What there is to do: an event when fewer than the concurrency are running. One task at a time may ask.
    func next() async -> Next {
        await withUnsafeContinuation { continuation in
            let answer = state.withLock { state -> Next? in
                let answer = state.feed.next()
                if answer == nil { state.taker = continuation }
                return answer
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// The consumer has been found: asks it for events. With another `identity` than before, what was delivered is
    /// forgotten.
    func attach(pullSubject: String, identity: String) {
        update { $0.attach(pullSubject: pullSubject, identity: identity) }
    }

    /// It is certain that what is delivered is of the `identity` attached to: acknowledgements may be sent.
    func confirm() { update { $0.confirm() } }

    /// The consumer is in doubt.
    func detach() { update { $0.detach() } }

    func finish(_ delivery: StreamDelivery, _ disposition: EventDisposition) {
        let word =
            switch disposition {
            case .done: "+ACK"
            case .again(let delay): "-NAK {\"delay\": \(max(0, delay.nanoseconds))}"
            }
        update { $0.finished(delivery, word: word) }
    }

    /// Sleeps for `milliseconds`, or until the link comes back when `wakesOnLink`, or until the feed is stopped.
    func pause(milliseconds: Int64, wakesOnLink: Bool = false) async {
        await withUnsafeContinuation { continuation in
            let isOver = state.withLock { state in
                if state.feed.isEnding || (wakesOnLink && link.connection != nil) { return true }
                state.sleeper = (monotonicNow() + milliseconds * 1_000_000, wakesOnLink, continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    var isStopped: Bool { state.withLock { $0.feed.isEnding } }

    /// Asks for no more. What was delivered is still handed out by `next`, then `next` says
    /// `.stopped`.
    ///
    /// It is not given back instead: our last pull is dead then, and see `PullPlan` for what server 2.9 does with a
    /// dead one.
    func stop() {
        update { $0.stop(now: monotonicNow()) }
        wakeSleeper { _ in true }
        guard let listener = listener.withLock({ $0.take() }) else { return }
        link.drain(listener, milliseconds: 2000) { [self] in update { $0.drained() } }
    }

    /// Call when the feed has been stopped and nothing is running any more.
    func close() {
        sendUnsent()
        link.forget(self)
    }

    // MARK: The link's side

    func linkChanged(up: Bool) {
        if up { wakeSleeper { $0.wakesOnLink } } else { detach() }
    }

    func tick(now: Int64) {
        wakeSleeper { $0.until <= now }
        for subject in update({ $0.tick(now: now) }) { send("+WPI", to: subject) }
    }

    private func arrived(_ message: IncomingMessage, prefix: Int, cut: Int) {
        let now = monotonicNow()
        guard let reply = message.reply else {
            // Not an event but the server's word about a pull.
            guard let status = message.status, let number = UInt64(String(subject: message.subject, cut: prefix))
            else { return }
            return update { $0.told(status, pull: number, now: now) }
        }
        let delivery = StreamDelivery(
            subject: String(subject: message.subject, cut: cut), acknowledgement: String(cString: reply),
            message: EnvelopeCoding.decode(message.bytes))
        guard let delivery else { return }
        let isTaken = update { $0.delivered(delivery, now: now) }
        if !isTaken { send("-NAK", to: delivery.acknowledgement) }
    }

    // MARK: Doing what was decided

    /// Changes the state, then does what follows from it.
    private func update<Result: Sendable>(_ body: (inout PullConsumerState) -> Result) -> Result {
        let (result, taker, next) = state.withLock { state -> (Result, UnsafeContinuation<Next, Never>?, Next?) in
            let result = body(&state.feed)
            guard let taker = state.taker, let next = state.feed.next() else { return (result, nil, nil) }
            state.taker = nil
            return (result, taker, next)
        }
        if let next { taker?.resume(returning: next) }
        sendUnsent()
        pull()
        return result
    }

    private func wakeSleeper(
        if isMeant: ((until: Int64, wakesOnLink: Bool, continuation: UnsafeContinuation<Void, Never>)) -> Bool
    ) {
        let sleeper = state.withLock { state -> UnsafeContinuation<Void, Never>? in
            guard let sleeper = state.sleeper, isMeant(sleeper) else { return nil }
            state.sleeper = nil
            return sleeper.continuation
        }
        sleeper?.resume()
    }

    private func pull() {
        guard let (subject, pull) = state.withLock({ $0.feed.nextPull(now: monotonicNow()) }) else { return }
        let body = StreamAPI.object([
            "batch": .integer(pull.batch), "expires": .integer(Int(pull.watch.expires)),
            "idle_heartbeat": .integer(Int(pull.watch.heartbeat)),
        ])
        send(body.encoded, to: subject, reply: inbox + String(pull.number))
    }

    private func sendUnsent() {
        let unsent = state.withLock { $0.feed.takeUnsent() }
        for (position, acknowledgement) in unsent.enumerated()
        where !send(acknowledgement.word, to: acknowledgement.subject) {
            return state.withLock { $0.feed.putBack(unsent[position...]) }
        }
    }

    /// False when the link is down.
    @discardableResult
    private func send(_ text: String, to subject: String, reply: String? = nil) -> Bool {
        guard let connection = link.connection else { return false }
        let sent: Void? = try? EnvelopeCoding.withEncoded(Envelope(payload: Array(text.utf8))) {
            bytes throws(TransportError) in
            if let reply {
                try connection.publish(subject, reply: reply, bytes)
            } else {
                try connection.publish(subject, reply: nil, bytes)
            }
        }
        return sent != nil
    }
}
