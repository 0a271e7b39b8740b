import Messaging
import Primitives
import Synchronization

/// Events on their way from a pull consumer of the stream to the task that hands them out.
///
/// It asks the stream for events as `PullPlan` says, and keeps those that came until they are taken. Whenever it cannot be sure of its
/// consumer (at first, after a loss of the link, when the server says that the consumer is gone or says nothing at all) it is *detached*: `next`
/// says so, and the task looks for the consumer and calls `attach`.
///
/// What it is attached to is told by `identity`: what was delivered under another is dropped. Acknowledgements wait while the feed is
/// detached, and are sent only under the identity of their delivery: a stream made anew counts from 1 again, and would take an old one for
/// one of its own.
final class Feed: LinkObserver {
    enum Next: Sendable {
        case delivery(StreamDelivery)
        case detached
        case stopped
    }

    private let link: Link
    private let concurrency: Int
    /// Our place to be sent to; a pull's own subject is this and its number.
    private let inbox: String
    private let acknowledges: Bool
    private let state: Mutex<State>
    private let listener = Mutex<Listener?>(nil)

    /// detached ⇄ attached → draining → stopped; detached → stopped.
    private enum Phase {
        case detached
        case attached(pullSubject: String)
        /// No more is asked for; what was delivered is still handed out.
        case draining
        case stopped
    }

    private struct State {
        var phase = Phase.detached
        var plan: PullPlan
        var identity = ""
        /// The last message after `stop` has arrived.
        var isDrained = false
        /// When not to wait for that any longer.
        var giveUp = Int64.max
        var waiting: [StreamDelivery] = []
        /// Handed out and not finished.
        var running = 0
        /// Delivered and not finished: when the stream last heard of it, by acknowledgement subject.
        var held: [String: Int64] = [:]
        /// Acknowledgements to be sent; they wait while the consumer is in doubt.
        var unsent: [(subject: String, word: String)] = []
        var taker: UnsafeContinuation<Next, Never>?
        var sleeper: (until: Int64, wakesOnLink: Bool, continuation: UnsafeContinuation<Void, Never>)?

        var isEnding: Bool {
            switch phase {
            case .detached, .attached: false
            case .draining, .stopped: true
            }
        }

        var isDetached: Bool {
            if case .detached = phase { true } else { false }
        }
    }

    /// - Parameter inbox: a subject of ours that nothing else uses, ending with a dot.
    init(link: Link, inbox: String, concurrency: Int, acknowledges: Bool) {
        self.link = link
        self.inbox = inbox
        self.concurrency = concurrency
        self.acknowledges = acknowledges
        state = Mutex(State(plan: PullPlan(window: min(256, max(16, concurrency * 2)))))
    }

    func open(cut: Int) {
        let prefix = inbox.utf8.count
        // Keeps the feed until `stop` and the last message after it, which is given back as well.
        let listener = Listener(inbox + "*") { [self] message in arrived(message, prefix: prefix, cut: cut) }
        self.listener.withLock { $0 = listener }
        link.observe(self)
        link.add(listener)
    }

    // MARK: The task's side

    /// What there is to do: an event when fewer than `concurrency` are running. One task at a time may ask.
    func next() async -> Next {
        await withUnsafeContinuation { continuation in
            let answer = state.withLock { state -> Next? in
                let answer = take(&state)
                if answer == nil { state.taker = continuation }
                return answer
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// The consumer has been found: asks it for events. With another `identity` than before, what was delivered is forgotten.
    func attach(pullSubject: String, identity: String) {
        state.withLock { state in
            if state.identity != identity {
                forgetWaiting(&state)
                state.held = state.held.mapValues { _ in .max }
                state.unsent = []
            }
            state.identity = identity
            if !state.isEnding { state.phase = .attached(pullSubject: pullSubject) }
        }
        sendUnsent()
        pull()
    }

    func finish(_ delivery: StreamDelivery, _ disposition: EventDisposition) {
        let word =
            switch disposition {
            case .done: "+ACK"
            case .again(let delay): "-NAK {\"delay\": \(max(0, delay.nanoseconds))}"
            }
        let taken = state.withLock { state in
            state.plan.finished()
            state.running -= 1
            // Deliveries of another identity are marked with a time that never comes.
            let isKnown = state.held.removeValue(forKey: delivery.acknowledgement) ?? .max < .max
            if acknowledges, isKnown { state.unsent.append((delivery.acknowledgement, word)) }
            return serve(&state)
        }
        if let (continuation, next) = taken { continuation.resume(returning: next) }
        sendUnsent()
        pull()
    }

    /// Sleeps for `milliseconds`, or until the link comes back when `wakesOnLink`, or until the feed is stopped.
    func pause(milliseconds: Int64, wakesOnLink: Bool = false) async {
        await withUnsafeContinuation { continuation in
            let isOver = state.withLock { state in
                if state.isEnding || (wakesOnLink && link.connection != nil) { return true }
                state.sleeper = (monotonicNow() + milliseconds * 1_000_000, wakesOnLink, continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    var isStopped: Bool { state.withLock { $0.isEnding } }

    /// Asks for no more. What was delivered is still handed out by `next` when it can be acknowledged, then `next` says `.stopped`.
    ///
    /// It is not given back instead: our last pull is dead then, and see `PullPlan` for what server 2.9 does with a dead one.
    func stop() {
        let (sleeper, taken) = state.withLock { state in
            if case .attached = state.phase, acknowledges { state.phase = .draining } else if !state.isEnding { stop(&state) }
            state.giveUp = min(state.giveUp, monotonicNow() + 3_000_000_000)
            defer { state.sleeper = nil }
            return (state.sleeper, serve(&state))
        }
        sleeper?.continuation.resume()
        if let (continuation, next) = taken { continuation.resume(returning: next) }
        guard let listener = listener.withLock({ $0.take() }) else { return }
        link.drain(listener, milliseconds: 2000) { [self] in
            let taken = state.withLock { state in
                state.isDrained = true
                return serve(&state)
            }
            if let (continuation, next) = taken { continuation.resume(returning: next) }
        }
    }

    /// Call when the feed has been stopped and nothing is running any more.
    func close() {
        sendUnsent()
        link.forget(self)
    }

    /// The consumer is in doubt, as when the task found an event missing.
    func detach() {
        let taken = state.withLock { state in
            detach(&state)
            return serve(&state)
        }
        if let (continuation, next) = taken { continuation.resume(returning: next) }
    }

    // MARK: The link's side

    func linkChanged(up: Bool) {
        if up {
            let sleeper = state.withLock { state in
                guard state.sleeper?.wakesOnLink == true else { return UnsafeContinuation<Void, Never>?.none }
                defer { state.sleeper = nil }
                return state.sleeper?.continuation
            }
            sleeper?.resume()
        } else {
            detach()
        }
    }

    func tick(now: Int64) {
        let (sleeper, taken, slow) = state.withLock { state in
            var sleeper: UnsafeContinuation<Void, Never>?
            if let sleeping = state.sleeper, sleeping.until <= now {
                sleeper = sleeping.continuation
                state.sleeper = nil
            }
            if case .attached = state.phase, state.plan.isSilent(now: now) { detach(&state) }
            if now >= state.giveUp { state.isDrained = true }
            var slow: [String] = []
            if acknowledges, !state.isDetached {
                // The stream waits for 30 s before it delivers again; it is told every 10 that the work goes on.
                slow = state.held.filter { $0.value <= now - 10_000_000_000 }.map(\.key)
                for subject in slow { state.held[subject] = now }
            }
            return (sleeper, serve(&state), slow)
        }
        sleeper?.resume()
        if let (continuation, next) = taken { continuation.resume(returning: next) }
        for subject in slow { send("+WPI", to: subject) }
        sendUnsent()
        pull()
    }

    private func arrived(_ message: IncomingMessage, prefix: Int, cut: Int) {
        let now = monotonicNow()
        guard let reply = message.reply else {
            return told(message.status, pull: UInt64(String(subject: message.subject, cut: prefix)), now: now)
        }
        guard let delivery = StreamDelivery(
            subject: String(subject: message.subject, cut: cut), acknowledgement: String(cString: reply),
            message: EnvelopeCoding.decode(message.bytes))
        else { return }
        let (isTaken, taken) = state.withLock { state -> (Bool, (UnsafeContinuation<Next, Never>, Next)?) in
            if case .stopped = state.phase { return (false, nil) }
            state.plan.delivered(now: now)
            state.waiting.append(delivery)
            state.held[delivery.acknowledgement] = now
            return (true, serve(&state))
        }
        if let (continuation, next) = taken { continuation.resume(returning: next) }
        if !isTaken, acknowledges { send("-NAK", to: delivery.acknowledgement) }
        pull()
    }

    /// The server's word about a pull.
    private func told(_ status: Int?, pull number: UInt64?, now: Int64) {
        guard let status, let number else { return }
        let taken = state.withLock { state -> (UnsafeContinuation<Next, Never>, Next)? in
            switch status {
            case 100:
                state.plan.heard(number, now: now)
            case 404, 408:
                // Nothing came in its time, which is in order.
                _ = state.plan.ended(number)
            default:
                // 409: the consumer was deleted, the server is going down, and the like. 503: nobody answers for the consumer.
                if state.plan.ended(number) { detach(&state) }
            }
            return serve(&state)
        }
        if let (continuation, next) = taken { continuation.resume(returning: next) }
        pull()
    }

    // MARK: Inside the lock

    private func detach(_ state: inout State) {
        state.plan.reset()
        if state.isEnding { stop(&state) } else { state.phase = .detached }
    }

    private func stop(_ state: inout State) {
        state.phase = .stopped
        forgetWaiting(&state)
    }

    private func forgetWaiting(_ state: inout State) {
        state.plan.drop(state.waiting.count)
        for delivery in state.waiting { state.held[delivery.acknowledgement] = nil }
        state.waiting = []
    }

    private func take(_ state: inout State) -> Next? {
        if case .draining = state.phase, state.isDrained, state.waiting.isEmpty { stop(&state) }
        switch state.phase {
        case .stopped: return .stopped
        case .detached: return .detached
        case .attached, .draining: break
        }
        guard state.running < concurrency, !state.waiting.isEmpty else { return nil }
        state.running += 1
        return .delivery(state.waiting.removeFirst())
    }

    /// What the waiting task is to be resumed with, if it can be.
    private func serve(_ state: inout State) -> (UnsafeContinuation<Next, Never>, Next)? {
        guard let taker = state.taker, let next = take(&state) else { return nil }
        state.taker = nil
        return (taker, next)
    }

    // MARK: Sending

    private func pull() {
        let order = state.withLock { state -> (subject: String, pull: PullPlan.Pull)? in
            guard case .attached(let subject) = state.phase, let pull = state.plan.next(now: monotonicNow())
            else { return nil }
            return (subject, pull)
        }
        guard let order else { return }
        let body = StreamAPI.object([
            "batch": .integer(order.pull.batch), "expires": .integer(Int(PullPlan.expires)),
            "idle_heartbeat": .integer(Int(PullPlan.heartbeat)),
        ])
        send(body.encoded, to: order.subject, reply: inbox + String(order.pull.number))
    }

    /// Sends acknowledgements, unless the consumer is in doubt; what cannot be sent stays for the next time.
    private func sendUnsent() {
        let unsent = state.withLock { state -> [(subject: String, word: String)] in
            guard !state.unsent.isEmpty, !state.isDetached else { return [] }
            defer { state.unsent = [] }
            return state.unsent
        }
        for (position, acknowledgement) in unsent.enumerated()
        where !send(acknowledgement.word, to: acknowledgement.subject) {
            return state.withLock { $0.unsent += unsent[position...] }
        }
    }

    /// False when the link is down.
    @discardableResult
    private func send(_ text: String, to subject: String, reply: String? = nil) -> Bool {
        guard let connection = link.connection else { return false }
        let sent: Void? = try? EnvelopeCoding.withEncoded(Envelope(payload: Array(text.utf8))) { bytes throws(TransportError) in
            if let reply {
                try connection.publish(subject, reply: reply, bytes)
            } else {
                try connection.publish(subject, reply: nil, bytes)
            }
        }
        return sent != nil
    }
}
