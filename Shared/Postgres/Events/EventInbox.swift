package import Logging
package import Messaging
import Primitives
import ServiceLifecycle
import Synchronization

/// Takes the events of one durable consumer and makes each of them count once.
///
/// The event's id is inserted in the transaction of its effect, so a repeat changes nothing. What cannot be read, or
/// fails at every try,
/// is put into the table `parked_events` and reported; the stream goes on.
package struct EventInbox: Service {
    /// The effect of events of one kind, inside their transaction. It must do nothing outside the database: it may run
    /// several times.
    private typealias Effect = @Sendable ([[UInt8]], Session) throws -> Void

    /// The header with the event's id, which outlasts the stream's own window against repeats.
    static let idHeader = "event-id"

    private struct Item: Sendable {
        var id: Identifier
        var event: StreamEvent
        var effect: Effect
    }

    private let consumer: String
    private let database: Database
    private let transport: any Transport
    private let logger: Logger
    private var effects: [String: Effect] = [:]
    private let committed: @Sendable () -> Void
    /// Failures of its own after which an event is parked. Deliveries are not counted: a database that is away is no
    /// fault of the event.
    private let maximumFailures = 8

    /// - Parameter committed: called after every commit; wakes whoever waits for what the effects wrote.
    package init(
        consumer: String, database: Database, transport: any Transport, logger: Logger,
        committed: @escaping @Sendable () -> Void
    ) {
        self.consumer = consumer
        self.database = database
        self.transport = transport
        self.logger = logger
        self.committed = committed
    }

    /// - Parameter effect: gets the events that came at about the same time, in their order.
    package mutating func on<Event: ServiceEvent>(
        _ type: Event.Type, _ effect: @escaping @Sendable ([Event], Session) throws -> Void
    ) {
        effects[Event.subject] = { payloads, session in
            try effect(payloads.map { payload in try Event(jsonBytes: payload) }, session)
        }
    }

    package func run() async throws {
        let failures = Failures()
        let commit = Batcher<Item, Void>(batchLimit: 64) { items in
            try await database.withTransaction { session in try Self.apply(items, session) }
        }
        try await transport.consume(consumer, concurrency: 256) { event in
            await handle(event, commit, failures)
        }
    }

    private static func apply(_ items: [Item], _ session: Session) throws -> [Result<Void, any Error>] {
        let fresh = try session.execute(
            """
            insert into inbox (event_id) select distinct * from unnest(\(items.map(\.id))::uuid[])
            on conflict do nothing returning event_id
            """
        ).map { row in try row[0, as: Identifier.self] }
        var new = Set(fresh)
        var rest = items.filter { new.remove($0.id) != nil }[...]
        // What stands next to each other and is of one kind takes effect together.
        while let first = rest.first {
            let alike = rest.prefix { $0.event.subject == first.event.subject }
            try first.effect(alike.map(\.event.message.payload), session)
            rest = rest.dropFirst(alike.count)
        }
        return items.map { _ in .success(()) }
    }

    private func handle(
        _ event: StreamEvent, _ commit: Batcher<Item, Void>, _ failures: Failures
    ) async -> EventDisposition {
        // Events that this service has no use for are no faults: another version may send more kinds.
        guard let effect = effects[event.subject] else { return .done }
        guard let id = event.message[Self.idHeader].flatMap({ Identifier($0) }) else {
            return await park(event, id: nil, reason: "it has no id")
        }
        do {
            try await commit.submit(Item(id: id, event: event, effect: effect))
            committed()
            return .done
        } catch let mismatch as JSONMismatch {
            return await park(
                event, id: id, reason: "expected \(mismatch.expected) at \(mismatch.path.joined(separator: "."))")
        } catch let fault as DatabaseError where fault.isTransient || Self.isAway(fault) {
            // The database is away: that is no fault of the event, however long it takes.
            return .again(after: .seconds(1))
        } catch {
            logger.warning(
                "event failed",
                metadata: [
                    "subject": "\(event.subject)", "event.id": "\(id)", "delivery": "\(event.delivery)",
                    "error": "\(error)",
                ])
            let count = failures.count(event.sequence)
            guard count < maximumFailures else { return await park(event, id: id, reason: "\(error)") }
            return .again(after: .seconds(min(120, 1 << (count - 1))))
        }
    }

    /// Whether the database was not there to say anything, rather than the event being at fault.
    private static func isAway(_ fault: DatabaseError) -> Bool {
        switch fault.code {
        case .unavailable, .connectTimeout, .statementTimeout, .connectionLost, .poolExhausted, .acquireTimeout,
            .commitOutcomeUnknown, .closed:
            true
        default: false
        }
    }

    private func park(_ event: StreamEvent, id: Identifier?, reason: String) async -> EventDisposition {
        do {
            let consumer = consumer
            _ = try await database.withConnection(idempotent: true) { session in
                try session.execute(
                    """
                    insert into parked_events (consumer, stream_sequence, event_id, subject, payload, reason)
                    values (\(consumer), \(event.sequence), \(id), \(event.subject), \(event.message.payload), \(reason))
                    on conflict (consumer, stream_sequence) do nothing
                    """
                ).affected
            }
            logger.error(
                "event parked",
                metadata: [
                    "consumer": "\(consumer)", "subject": "\(event.subject)", "sequence": "\(event.sequence)",
                    "reason": "\(reason)",
                ])
            return .done
        } catch {
            return .again(after: .seconds(2))
        }
    }
}

/// How often events have failed in this process. Bounded: what is forgotten is tried more often, which harms nothing.
private final class Failures: Sendable {
    private let counts = Mutex<[UInt64: Int]>([:])

    /// Counts one more failure of the event at `sequence`.
    func count(_ sequence: UInt64) -> Int {
        counts.withLock { counts in
            if counts.count >= 10_000 { counts = [:] }
            counts[sequence, default: 0] += 1
            return counts[sequence, default: 1]
        }
    }
}
