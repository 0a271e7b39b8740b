import Logging
import Messaging
import Synchronization
import Threads

/// The requests taken by one `serve`, on their way from the link's thread to the handlers.
///
/// A request is counted when it arrives and uncounted when it is answered; one that would go over the limit is refused
/// on the spot. So the queue never holds more than the limit.
final class Intake: LinkObserver {
    /// A request taken, with the subject that its answer goes to.
    struct Request: Sendable {
        var subject: String
        var reply: String
        var message: Envelope
    }

    private let link: Link
    private let limit: Int
    private let refusal: Envelope
    private let taken = Atomic<Int>(0)
    private let queue = Handoff<Request>()
    private let state = Mutex(State())

    private struct State {
        var listeners: [Listener] = []
        /// Listeners that have messages to hand out yet.
        var draining = 0
        /// When to wait no longer for them.
        var giveUp: Int64?
    }

    init(link: Link, limit: Int, refusal: Envelope) {
        self.link = link
        self.limit = limit
        self.refusal = refusal
    }

    func open(_ subjects: [String], queue group: String, cut: Int) throws(TransportError) {
        let listeners = subjects.map { subject in
            // Keeps the intake until `close`.
            Listener(subject, queue: group, delivery: .link) { [self] message in arrived(message, cut: cut) }
        }
        state.withLock { $0.listeners = listeners }
        link.observe(self)
        do throws(TransportError) {
            for listener in listeners { try link.add(listener) }
        } catch {
            close()
            throw error
        }
    }

    /// The next request; `nil` when no more will come.
    func next() async -> Request? { await queue.next() }

    func answer(_ request: Request, _ answer: Envelope) {
        send(answer, to: request)
        taken.wrappingSubtract(1, ordering: .relaxed)
    }

    /// Takes no new requests; those the server has sent already are still handed out. May be called more than once.
    func close() {
        let listeners = state.withLock { state in
            defer { state.listeners = [] }
            guard !state.listeners.isEmpty else { return [Listener]() }
            state.draining = state.listeners.count
            state.giveUp = monotonicNow() + 4_000_000_000
            return state.listeners
        }
        for listener in listeners {
            link.drain(listener, milliseconds: 3000) { [self] in
                let isLast = state.withLock { state in
                    state.draining -= 1
                    return state.draining == 0
                }
                if isLast { end() }
            }
        }
    }

    func linkChanged(up: Bool) {}

    func tick(now: Int64) {
        if let giveUp = state.withLock({ $0.giveUp }), now >= giveUp { end() }
    }

    private func end() {
        link.forget(self)
        queue.finish()
    }

    private func arrived(_ message: IncomingMessage, cut: Int) {
        // Nobody waits for the answer to a message without a reply subject: it is not a request.
        guard let reply = message.reply.map({ String(cString: $0) }) else { return }
        guard taken.wrappingAdd(1, ordering: .relaxed).newValue <= limit else {
            taken.wrappingSubtract(1, ordering: .relaxed)
            link.counters.refusals.increment()
            do throws(TransportError) { try send(refusal, to: reply) } catch {
                link.counters.lostAnswers.increment()
            }
            return
        }
        var envelope = EnvelopeCoding.decode(message.bytes)
        let late = link.standstill.milliseconds(now: monotonicNow())
        if late > 0 { envelope.headers.append(Envelope.Header(Envelope.lateHeader, String(late))) }
        queue.push(
            Request(subject: String(subject: message.subject, cut: cut), reply: reply, message: envelope))
    }

    private func send(_ answer: Envelope, to request: Request) {
        do throws(TransportError) {
            try send(answer, to: request.reply)
        } catch {
            link.counters.lostAnswers.increment()
            link.logger.error(
                "answer not sent",
                metadata: [
                    "subject": "\(request.subject)", "bytes": "\(answer.payload.count)", "error": "\(error)",
                ])
            // Too large or malformed: say so, that the caller need not wait for its deadline.
            if case .failed = error { try? send(Self.unsendable, to: request.reply) }
        }
    }

    private static let unsendable = Envelope(
        error: ServiceError(.internal, "The answer is too large to be carried; ask for less at a time."))

    private func send(_ answer: Envelope, to reply: String) throws(TransportError) {
        let connection = try link.connected()
        try EnvelopeCoding.withEncoded(answer) { bytes throws(TransportError) in
            try connection.publish(reply, reply: nil, bytes)
        }
    }
}
