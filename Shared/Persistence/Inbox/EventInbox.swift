import Crypto
package import Logging
package import Messaging
package import Postgres
import Primitives
import ServiceLifecycle
import Synchronization

/// Takes the events of one durable consumer and makes each of them count once.
///
/// The event's id is inserted in the transaction of its effect, so a repeat changes nothing. What cannot be read, or is
/// itself what fails at every try, is put into the table `parked_events` and reported; the stream goes on.
package struct EventInbox: Service {
    /// The effect of events of one kind, inside their transaction. It must do nothing outside the database: it may run
    /// several times.
    private typealias Effect = @Sendable ([[UInt8]], DatabaseSession, OutboxEvents) throws -> Void

    /// The header with the event's id, which outlasts the stream's own window against repeats.
    static let idHeader = "event-id"
    /// The header with the thing the event speaks of.
    static let keyHeader = "event-key"

    private struct Item: Sendable {
        var id: Identifier
        /// What its effect locks, as far as that can be told beforehand.
        var key: Identifier
        var event: StreamEvent
        var effect: Effect
    }

    private let consumer: String
    private let database: Database
    private let outbox: Outbox
    private let transport: any Transport
    private let logger: Logger
    private var effects: [String: Effect] = [:]
    private let missed: @Sendable () -> Void
    /// Failures of its own after which an event is parked. Neither deliveries are counted nor what the database has to
    /// answer for.
    private let maximumFailures = 8
    /// How long an event is tried while somebody else holds what it changes; then the stream brings it again.
    private let patience: Duration = .seconds(5)

    /// - Parameters:
    ///   - outbox: takes the events that the effects tell in turn.
    ///   - missed: called when the stream has dropped events that may not have been taken; has them mended by
    ///     comparing.
    package init(
        consumer: String, database: Database, outbox: Outbox, transport: any Transport, logger: Logger,
        missed: @escaping @Sendable () -> Void = {}
    ) {
        self.consumer = consumer
        self.database = database
        self.outbox = outbox
        self.transport = transport
        self.logger = logger
        self.missed = missed
    }

    /// - Parameter effect: gets the events that came at about the same time, in their order, and what to write and to
    ///   tell by.
    package mutating func on<Event: ServiceEvent>(
        _ type: Event.Type, _ effect: @escaping @Sendable ([Event], DatabaseSession, OutboxEvents) throws -> Void
    ) {
        effects[Event.subject] = { payloads, session, told in
            try effect(payloads.map { payload in try Event(jsonBytes: payload) }, session, told)
        }
    }

    package func run() async throws {
        let failures = Failures()
        // After a commit without an answer the events come again, and are known by their ids.
        let commit = Batcher<Item, Void>(batchLimit: 64, key: \.key) { items in
            try await database.withTransaction(telling: outbox, waitsForLocks: false) { session, told in
                try Self.apply(items, session, told)
            }
        }
        try await transport.consume(consumer, concurrency: 256) {
            logger.warning(
                "the stream has dropped events that may not have been taken", metadata: ["consumer": "\(consumer)"])
            missed()
        } handler: { event in
            await handle(event, commit, failures)
        }
    }

    private static func apply(
        _ items: [Item], _ session: DatabaseSession, _ told: OutboxEvents
    ) throws -> [Result<Void, any Error>] {
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
            try first.effect(alike.map(\.event.message.payload), session, told)
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
            return await park(event, id: Self.identifier(of: event), reason: "it has no id")
        }
        let key = event.message[Self.keyHeader].flatMap { Identifier($0) } ?? id
        do {
            try await commit.submit(
                Item(id: id, key: key, event: event, effect: effect), deadline: .now + patience)
            return .done
        } catch let mismatch as JSONMismatch {
            return await park(
                event, id: id, reason: "expected \(mismatch.expected) at \(mismatch.path.joined(separator: "."))")
        } catch {
            guard Self.isOwnFault(error) else {
                // However long it takes: the event has nothing to do with it.
                logger.debug("event waits", metadata: ["event.id": "\(id)", "error": "\(error)"])
                return .again(after: .seconds(1))
            }
            logger.warning(
                "event failed",
                metadata: [
                    "subject": "\(event.subject)", "event.id": "\(id)", "delivery": "\(event.delivery)",
                    "error": "\(error)",
                ])
            let count = failures.count(id)
            guard count < maximumFailures else { return await park(event, id: id, reason: "\(error)") }
            return .again(after: .seconds(min(120, 1 << (count - 1))))
        }
    }

    /// Whether the event is to blame for `error`. Only what is known to be about the event counts, so that a database
    /// that is slow, read-only, full or broken never costs one.
    private static func isOwnFault(_ error: any Error) -> Bool {
        guard let fault = error as? DatabaseError else { return !(error is CancellationError || error is ServiceError) }
        return fault.kind == .work || fault.code == .decoding
    }

    /// A name for an event without an id, the same each time it comes.
    private static func identifier(of event: StreamEvent) -> Identifier {
        var hash = SHA256()
        hash.update(data: Array(event.subject.utf8) + [0])
        hash.update(data: event.message.payload)
        let digest = Array(hash.finalize())
        func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        // Version 8 of RFC 9562: of our own making.
        return Identifier(
            high: word(digest[0..<8]) & ~0xF000 | 0x8000, low: word(digest[8..<16]) & ~(3 << 62) | 1 << 63)
    }

    private func park(_ event: StreamEvent, id: Identifier, reason: String) async -> EventDisposition {
        do {
            let consumer = consumer
            _ = try await database.withConnection(idempotent: true) { session in
                try session.execute(
                    """
                    insert into parked_events (consumer, stream_sequence, event_id, subject, payload, reason)
                    values (\(consumer), \(event.sequence), \(id), \(event.subject), \(event.message.payload), \(reason))
                    on conflict (consumer, event_id) do nothing
                    """
                ).affected
            }
            logger.error(
                "event parked",
                metadata: [
                    "consumer": "\(consumer)", "event.id": "\(id)", "subject": "\(event.subject)",
                    "sequence": "\(event.sequence)",
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
    private let counts = Mutex<[Identifier: Int]>([:])

    /// Counts one more failure of an event.
    func count(_ id: Identifier) -> Int {
        counts.withLock { counts in
            if counts.count >= 10_000 { counts = [:] }
            counts[id, default: 0] += 1
            return counts[id, default: 1]
        }
    }
}
