import Messaging

/// An event stream as a value: what it keeps, what its durable consumers have had, and what a follower gets next.
struct MemoryStream {
    /// What the real stream takes.
    private static let subjects = ["auth.event.>", "orders.event.>", "chat.event.>"]
    private static let duplicateWindow = Duration.seconds(120)

    /// Durable consumers by name, with the subjects each takes.
    var filters: [String: String]
    var isAvailable = true
    /// Counts the streams there were, and the times this one lost its end: either breaks a follower's thread.
    private var incarnation = 0
    private var lastSequence: UInt64 = 0
    private var events: [StreamEvent] = []
    private var seen: [String: (sequence: UInt64, at: ContinuousClock.Instant)] = [:]
    private var consumers: [String: Consumer] = [:]

    private struct Consumer {
        /// Everything up to here was delivered at least once.
        var delivered: UInt64 = 0
        /// To be delivered again, with the count of deliveries so far and the earliest time.
        var again: [UInt64: (deliveries: Int, at: ContinuousClock.Instant)] = [:]
    }

    /// An event that a durable consumer was given, of which stream: its acknowledgement counts for that one only.
    struct Taken: Sendable {
        var event: StreamEvent
        var incarnation: Int
    }

    /// Where a follower stands.
    struct Place: Sendable {
        var incarnation: Int
        var sequence: UInt64
    }

    init(filters: [String: String]) { self.filters = filters }

    mutating func append(
        _ subject: String, id: String, _ message: Envelope, now: ContinuousClock.Instant
    ) -> UInt64? {
        guard isAvailable, Self.subjects.contains(where: { Subject.matches($0, subject) }) else { return nil }
        if let known = seen[id], known.at.advanced(by: Self.duplicateWindow) > now { return known.sequence }
        lastSequence += 1
        events.append(StreamEvent(subject: subject, message: message, sequence: lastSequence, delivery: 1))
        seen[id] = (lastSequence, now)
        return lastSequence
    }

    /// The next event for a durable consumer: one that is due again before one that is new.
    mutating func take(_ name: String, now: ContinuousClock.Instant) -> Taken? {
        guard isAvailable, let filter = filters[name] else { return nil }
        var consumer = consumers[name] ?? Consumer()
        defer { consumers[name] = consumer }
        let due = consumer.again.filter { $0.value.at <= now }.min { $0.key < $1.key }
        if let due, let event = events.first(where: { $0.sequence == due.key }) {
            consumer.again[due.key] = nil
            var repeated = event
            repeated.delivery = due.value.deliveries + 1
            return Taken(event: repeated, incarnation: incarnation)
        }
        guard
            let event = events.first(where: { $0.sequence > consumer.delivered && Subject.matches(filter, $0.subject) })
        else { return nil }
        consumer.delivered = event.sequence
        return Taken(event: event, incarnation: incarnation)
    }

    mutating func finish(
        _ taken: Taken, _ name: String, _ disposition: EventDisposition, now: ContinuousClock.Instant
    ) {
        // An acknowledgement of a stream that is no more is about another event.
        guard taken.incarnation == incarnation, case .again(let delay) = disposition else { return }
        consumers[name, default: Consumer()].again[taken.event.sequence] = (
            taken.event.delivery, now.advanced(by: delay)
        )
    }

    /// What a follower gets next, if anything.
    func next(_ place: inout Place?) -> FollowedEvent? {
        guard isAvailable else { return nil }
        guard let known = place else {
            place = Place(incarnation: incarnation, sequence: lastSequence)
            return .ready
        }
        if known.incarnation != incarnation {
            // An event may come twice, so all that is there is given.
            place = Place(incarnation: incarnation, sequence: (events.first?.sequence ?? lastSequence + 1) - 1)
            return .gap
        }
        guard let event = events.first(where: { $0.sequence > known.sequence }) else { return nil }
        place?.sequence = event.sequence
        return .event(event)
    }

    mutating func replace() {
        incarnation += 1
        lastSequence = 0
        events = []
        seen = [:]
        consumers = [:]
    }

    mutating func rollBack(to sequence: UInt64) {
        incarnation += 1
        lastSequence = min(lastSequence, sequence)
        events.removeAll { $0.sequence > sequence }
        seen = seen.filter { $0.value.sequence <= sequence }
        consumers = consumers.mapValues { consumer in
            Consumer(delivered: min(consumer.delivered, sequence), again: consumer.again.filter { $0.key <= sequence })
        }
    }
}
