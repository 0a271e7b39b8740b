import MemoryTransport
import Messaging
import Postgres
import Primitives
import TestKit
import Testing

@testable import Persistence

@Suite(.bounded)
struct OutboxTests {
    private func event(_ value: Int, key: Identifier) -> OutboxEvent {
        OutboxEvent(key: key, subject: Counted.subject, payload: JSONWriter.encode(Counted(value: value)))
    }

    private func value(_ event: StreamEvent) -> Int? { try? Counted(jsonBytes: event.message.payload).value }

    @Test("What is committed reaches the stream with its id, and its row goes")
    func sent() async throws {
        try await EventsFixture.with { events in
            let key = Identifier.make()
            let written = (0..<5).map { event($0, key: key) }
            try await events.running([events.relay]) {
                try await events.write(written)
                let streamed = try await events.streamed(5)
                #expect(streamed.map { $0.message[EventInbox.idHeader] } == written.map { $0.id.description })
                try await eventually("the outbox is empty") {
                    try await events.count("select count(*) from outbox") == 0
                }
            }
        }
    }

    @Test("What is rolled back is never sent")
    func rolledBack() async throws {
        try await EventsFixture.with { events in
            let outbox = events.outbox
            let lost = event(1, key: .make())
            try await events.running([events.relay]) {
                await #expect(throws: TestFailure.self) {
                    try await events.database.withTransaction(telling: outbox) { session, told in
                        told.add(rows: [lost])
                        try session.execute("select 1")
                        throw TestFailure("no")
                    }
                }
                try await events.write([event(2, key: .make())])
                #expect(try await events.streamed(1).map(value) == [2])
            }
        }
    }

    @Test("Events of one key go out in the order of their commits, however many there are")
    func order() async throws {
        try await EventsFixture.with { events in
            let keys = (0..<7).map { _ in Identifier.make() }
            try await events.write((0..<700).map { event($0, key: keys[$0 % 7]) })
            try await events.running([events.relay]) {
                let values = try await events.streamed(700).compactMap(value)
                for remainder in 0..<7 {
                    let own = values.filter { $0 % 7 == remainder }
                    #expect(own == own.sorted())
                }
                #expect(Set(values) == Set(0..<700))
            }
        }
    }

    /// Whether a relay has said that it tried to send and why that failed.
    private static func hasFailed(_ reason: TransportError, _ said: [String]) -> Bool {
        said.contains { $0.contains("not taken by the stream") && $0.contains("error=\(reason)") }
    }

    @Test("While the stream takes nothing rows stay, and afterwards all are sent, in order")
    func streamAway() async throws {
        try await EventsFixture.with { events in
            let key = Identifier.make()
            events.hub.setStream(available: false)
            let said = Recorder<String>()
            let relay = OutboxRelay(
                outbox: events.outbox, database: events.database, transport: events.transport,
                logger: .recording(into: said))
            try await events.running([relay]) {
                try await events.write((0..<3).map { event($0, key: key) })
                try await eventually("the relay has tried", { said.all }, is: { Self.hasFailed(.noResponders, $0) })
                #expect(try await events.count("select count(*) from outbox") == 3)
                events.transport.setLink(up: false)
                events.hub.setStream(available: true)
                try await events.write([event(3, key: key)])
                try await eventually(
                    "it has tried without a link", { said.all }, is: { Self.hasFailed(.disconnected, $0) })
                #expect(try await events.count("select count(*) from outbox") == 4)
                events.transport.setLink(up: true)
                #expect(try await events.streamed(4).map(value) == [0, 1, 2, 3])
            }
        }
    }

    @Test("A row sent and not deleted, as by a death in between, is sent again and kept once by its id")
    func sentTwice() async throws {
        try await EventsFixture.with { events in
            let twice = event(1, key: .make())
            try await events.running([events.relay]) {
                try await events.write([twice])
                _ = try await events.streamed(1)
                try await events.write([twice, event(2, key: .make())])
                try await eventually("the outbox is empty") {
                    try await events.count("select count(*) from outbox") == 0
                }
            }
            events.hub.addConsumer("later", filter: "chat.event.>")
            let again = MemoryTransport(hub: events.hub)
            let sequence = try await again.append(Counted.subject, id: "probe", Envelope(), timeout: .seconds(5))
            #expect(sequence == 3)
        }
    }

    @Test("Of two relays one leads; when its connection dies there is one again, and nothing is lost")
    func leaders() async throws {
        try await EventsFixture.with { events in
            let second = Outbox(schema: "events_test")
            let other = OutboxRelay(
                outbox: second, database: events.database, transport: events.transport, logger: EventsFixture.logger)
            try await events.running([events.relay, other]) {
                try await eventually("one leads") { events.outbox.isLeading || second.isLeading }
                #expect(events.outbox.isLeading != second.isLeading)
                _ = try await events.count(
                    """
                    select count(pg_terminate_backend(pid)) from pg_locks
                    where locktype = 'advisory' and granted
                    and database = (select oid from pg_database where datname = current_database())
                    """)
                try await events.write([event(1, key: .make())])
                #expect(try await events.streamed(1).map(value) == [1])
            }
        }
    }
}
