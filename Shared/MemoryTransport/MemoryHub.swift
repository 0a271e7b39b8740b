import Messaging
import Synchronization

/// What the transports of one test share: who serves, who listens, and the event stream.
package final class MemoryHub: Sendable {
    private let state: Mutex<State>

    private struct State {
        var servers: [(subjects: [String], intake: MemoryIntake)] = []
        var mailboxes: [MemoryMailbox] = []
        var wakeups: [ObjectIdentifier: MemoryWakeup] = [:]
        var stream: MemoryStream
    }

    /// - Parameter consumers: the durable consumers by name, each with the subjects it takes.
    package init(
        consumers: [String: String] = [
            "orders-from-chat": "chat.event.>", "orders-from-auth": "auth.event.>",
            "chat-from-orders": "orders.event.>", "chat-from-auth": "auth.event.>",
        ]
    ) {
        state = Mutex(State(stream: MemoryStream(filters: consumers)))
    }

    // MARK: Faults

    /// The stream is made anew and empty, as by a server that lost its disk.
    package func replaceStream() { change { $0.stream.replace() } }

    /// The stream forgets everything after `sequence`, as by a server that lost what it had not written.
    package func rollStreamBack(to sequence: UInt64) { change { $0.stream.rollBack(to: sequence) } }

    /// Without it appending throws `.noResponders`, and nothing is delivered.
    package func setStream(available: Bool) { change { $0.stream.isAvailable = available } }

    /// Makes a durable consumer, as provisioning does, or gives it another filter.
    /// - Parameter filter: a subject, which may hold the wildcards `*` and `>`.
    package func addConsumer(_ name: String, filter: String) { change { $0.stream.filters[name] = filter } }

    /// What a consumer would have taken is told to nobody from now on.
    package func removeConsumer(_ name: String) { change { $0.stream.filters[name] = nil } }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { body(&$0) }
        wake()
    }

    /// How many listen to signals of exactly this subject or pattern.
    package func listenerCount(of subject: String) -> Int {
        state.withLock { $0.mailboxes.filter { $0.pattern == subject }.count }
    }

    /// Whether a request to `subject` would find somebody who serves it.
    package func isServed(_ subject: String) -> Bool { server(of: subject) != nil }

    // MARK: For transports

    func add(_ intake: MemoryIntake, subjects: [String]) { state.withLock { $0.servers.append((subjects, intake)) } }

    func remove(_ intake: MemoryIntake) { state.withLock { $0.servers.removeAll { $0.intake === intake } } }

    /// Any of those who serve `subject` and can be reached.
    func server(of subject: String) -> MemoryIntake? {
        let candidates = state.withLock { state in
            state.servers.filter { server in server.subjects.contains { Subject.matches($0, subject) } }
        }
        return candidates.filter { $0.intake.isReachable() }.randomElement()?.intake
    }

    func add(_ mailbox: MemoryMailbox) { state.withLock { $0.mailboxes.append(mailbox) } }

    func remove(_ mailbox: MemoryMailbox) { state.withLock { $0.mailboxes.removeAll { $0 === mailbox } } }

    func publish(_ subject: String, _ message: Envelope) {
        for mailbox in state.withLock({ $0.mailboxes }) where Subject.matches(mailbox.pattern, subject) {
            mailbox.deliver(subject, message)
        }
    }

    func add(_ wakeup: MemoryWakeup) { state.withLock { $0.wakeups[ObjectIdentifier(wakeup)] = wakeup } }

    func remove(_ wakeup: MemoryWakeup) { state.withLock { $0.wakeups[ObjectIdentifier(wakeup)] = nil } }

    func wake() {
        for wakeup in state.withLock({ Array($0.wakeups.values) }) { wakeup.ring() }
    }

    /// - Returns: the position; `nil` when no stream takes the subject.
    func append(_ subject: String, id: String, _ message: Envelope) -> UInt64? {
        let sequence = state.withLock { $0.stream.append(subject, id: id, message, now: .now) }
        wake()
        return sequence
    }

    func take(_ consumer: String) -> MemoryStream.Taken? { state.withLock { $0.stream.take(consumer, now: .now) } }

    func finish(_ taken: MemoryStream.Taken, _ consumer: String, _ disposition: EventDisposition) {
        state.withLock { $0.stream.finish(taken, consumer, disposition, now: .now) }
    }

    func next(_ place: inout MemoryStream.Place?) -> FollowedEvent? {
        let (moved, event) = state.withLock { [place] state in
            var place = place
            let event = state.stream.next(&place)
            return (place, event)
        }
        place = moved
        return event
    }
}
