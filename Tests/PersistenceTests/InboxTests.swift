import MemoryTransport
import Messaging
import Primitives
import TestKit
import Testing

@testable import Persistence
@testable import Postgres

@Suite(.bounded)
struct InboxTests {
    private func inbox(
        _ events: EventsFixture,
        _ effect: @escaping @Sendable (Counted, DatabaseSession) throws -> Void = InboxTests.store
    ) -> EventInbox {
        var inbox = EventInbox(
            consumer: EventsFixture.consumer, database: events.database, outbox: events.outbox,
            transport: events.transport, logger: EventsFixture.logger)
        inbox.on(Counted.self) { events, session, _ in for event in events { try effect(event, session) } }
        return inbox
    }

    @Sendable private static func store(_ event: Counted, _ session: DatabaseSession) throws {
        _ = try session.execute("insert into effects (value) values (\(event.value))")
    }

    private func send(
        _ events: EventsFixture, _ payload: String, id: Identifier? = .make(), subject: String = Counted.subject
    ) async throws {
        // The stream's own window against repeats must not do the inbox's work.
        let message = Envelope(
            headers: id.map { [.init(EventInbox.idHeader, $0.description)] } ?? [], payload: Array(payload.utf8))
        _ = try await events.transport.append(
            subject, id: Identifier.make().description, message, timeout: .seconds(5).slackened)
    }

    private func effects(_ events: EventsFixture) async throws -> Int {
        try await events.count("select count(*) from effects")
    }

    @Test("An event counts once, however often it comes, alone or in one batch")
    func repeats() async throws {
        try await EventsFixture.with { events in
            let id = Identifier.make()
            for _ in 0..<5 { try await send(events, #"{"value":1}"#, id: id) }
            try await events.running([inbox(events)]) {
                try await eventually("it has come") { try await effects(events) > 0 }
                for _ in 0..<3 { try await send(events, #"{"value":1}"#, id: id) }
                try await send(events, #"{"value":2}"#)
                try await eventually("the last has come") {
                    try await events.count("select count(*) from effects where value = 2") == 1
                }
            }
            #expect(try await effects(events) == 2)
        }
    }

    @Test("What cannot be read is parked with the reason, once, and the stream goes on")
    func undecodable() async throws {
        try await EventsFixture.with { events in
            try await send(events, #"{"value":"one"}"#)
            try await send(events, "not JSON")
            try await send(events, #"{"value":1}"#, id: nil)
            try await send(events, #"{"value":2}"#)
            try await events.running([inbox(events)]) {
                try await eventually("three are parked") {
                    try await events.count("select count(*) from parked_events") == 3
                }
                try await eventually("the good one counts") { try await effects(events) == 1 }
            }
            let reasons = try await events.admin.withConnection { session in
                try session.execute("select reason from parked_events order by stream_sequence").map {
                    try $0[0, as: String.self]
                }
            }
            #expect(reasons.first == "expected a whole number at value")
            #expect(reasons.last == "it has no id")
        }
    }

    @Test("An unreadable event in a batch costs the others nothing, and they keep their order")
    func batchWithBadOne() async throws {
        try await EventsFixture.with { events in
            for value in 0..<30 {
                try await send(events, value == 11 ? #"{"value":null}"# : #"{"value":\#(value)}"#)
            }
            try await events.running([inbox(events)]) {
                try await eventually("all others count") { try await effects(events) == 29 }
                try await eventually("one is parked") {
                    try await events.count("select count(*) from parked_events") == 1
                }
            }
        }
    }

    @Test("Events of kinds that this version does not know are passed over")
    func unknownKind() async throws {
        try await EventsFixture.with { events in
            try await send(events, "{}", subject: "chat.event.something-new")
            try await send(events, #"{"value":1}"#)
            try await events.running([inbox(events)]) {
                try await eventually("the known one counts") { try await effects(events) == 1 }
            }
            #expect(try await events.count("select count(*) from parked_events") == 0)
        }
    }

    @Test(
        "What the database has to answer for never costs an event, however often it fails",
        arguments: InboxTests.notTheEvents)
    func notParked(error: DatabaseError) async throws {
        try await EventsFixture.with { events in
            let tries = Counter()
            let isBad = Shared(true)
            let failing = inbox(events) { event, session in
                if isBad.withLock({ $0 }) {
                    tries.increment()
                    throw error
                }
                try InboxTests.store(event, session)
            }
            try await send(events, #"{"value":1}"#)
            try await events.running([failing]) {
                // In memory what is to come again comes after a second; ten would be more than the limit.
                try await eventually("it was tried again") { tries.value >= 3 }
                isBad.withLock { $0 = false }
                try await eventually("it counts") { try await effects(events) == 1 }
            }
            #expect(try await events.count("select count(*) from parked_events") == 0)
        }
    }

    private static let notTheEvents: [DatabaseError] =
        [SQLState.queryCanceled, .readOnlyTransaction, .idleInTransactionTimeout, .ioError, .diskFull].map {
            DatabaseError(ServerFault(sqlState: $0, severity: "ERROR", message: "not now"))
        } + [DatabaseError(.commitOutcomeUnknown, "lost")]

    @Test("An event of a stream made anew is parked although one of the old stands at its place")
    func parkedAcrossStreams() async throws {
        try await EventsFixture.with { events in
            try await events.admin.withConnection { session in
                _ = try session.execute(
                    """
                    insert into parked_events (consumer, stream_sequence, event_id, subject, payload, reason)
                    select \(EventsFixture.consumer), place, gen_random_uuid(), 'chat.event.counted', '', 'of the old stream'
                    from generate_series(1, 3) as place
                    """)
            }
            try await send(events, "not JSON")
            try await send(events, "not JSON", id: nil)
            try await events.running([inbox(events)]) {
                try await eventually("both are parked beside the old ones") {
                    try await events.count("select count(*) from parked_events") == 5
                }
            }
        }
    }

    @Test("An effect that fails leaves no trace, and the event comes again")
    func failingEffect() async throws {
        try await EventsFixture.with { events in
            let tries = Counter()
            let failing = inbox(events) { event, session in
                try InboxTests.store(event, session)
                if tries.increment() == 1 { throw TestFailure("not now") }
            }
            try await send(events, #"{"value":1}"#)
            try await events.running([failing]) {
                try await eventually("it counts") { try await effects(events) == 1 }
            }
            #expect(tries.value == 2)
        }
    }

    @Test("While the database is away events wait, and nothing is parked")
    func databaseAway() async throws {
        try await EventsFixture.with { events in
            let isAway = Shared(true)
            let tries = Counter()
            let away = inbox(events) { event, session in
                if isAway.withLock({ $0 }) {
                    tries.increment()
                    throw DatabaseError(.unavailable, "away")
                }
                try InboxTests.store(event, session)
            }
            try await send(events, #"{"value":1}"#)
            try await events.running([away]) {
                try await eventually("it was tried twice") { tries.value >= 2 }
                isAway.withLock { $0 = false }
                try await eventually("it counts") { try await effects(events) == 1 }
            }
            #expect(try await events.count("select count(*) from parked_events") == 0)
        }
    }
}
