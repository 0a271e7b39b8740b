import Logging
import MemoryTransport
import Messaging
import Primitives
import ServiceLifecycle
import TestKit
import Testing

@testable import Persistence
@testable import Postgres

/// A schema with the tables of outbox and inbox, and a stream in memory.
struct EventsFixture: Sendable {
    let database: Database
    let admin: Database
    let configuration: DatabaseConfiguration
    let hub: MemoryHub
    let transport: MemoryTransport
    let outbox = Outbox(schema: "events_test")

    static let logger = Logger.silent
    static let consumer = "orders-from-chat"

    private static let tables = """
        create table outbox (position bigint generated always as identity primary key, id uuid not null, key uuid not null,
            subject text not null, payload bytea not null, traceparent text);
        create table inbox (event_id uuid primary key, received_at timestamptz not null default now());
        create table parked_events (consumer text not null, stream_sequence bigint not null, event_id uuid not null,
            subject text not null, payload bytea not null, reason text not null,
            parked_at timestamptz not null default now(), primary key (consumer, event_id));
        create table effects (value integer not null);
        """

    /// - Parameter port: of what stands between `database` and the server.
    static func with(through port: UInt16? = nil, _ body: (EventsFixture) async throws -> Void) async throws {
        try await TestDatabase.with({ $0.poolSize = 3 }, through: port) { test in
            try await test.admin.withConnection { try $0.executeScript(tables) }
            let hub = MemoryHub()
            try await body(
                EventsFixture(
                    database: test.database, admin: test.admin, configuration: test.configuration, hub: hub,
                    transport: MemoryTransport(hub: hub)))
        }
    }

    /// Runs `service` while `body` does its work.
    func running(_ services: [any Service], _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { try? await service.run() } }
            do {
                try await body()
            } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
        }
    }

    var relay: OutboxRelay {
        OutboxRelay(outbox: outbox, database: database, transport: transport, logger: Self.logger)
    }

    /// Writes events as a cause would, in one transaction.
    func write(_ events: [OutboxEvent]) async throws {
        try await database.withTransaction(telling: outbox) { _, told in told.add(rows: events) }
    }

    func count(_ query: SQL) async throws -> Int {
        try await admin.withConnection { try $0.first(query)?[0, as: Int.self] ?? 0 }
    }

    /// The events in the stream until `count` have come, each with its subject and content.
    func streamed(_ count: Int) async throws -> [StreamEvent] {
        let events = Shared<[StreamEvent]>([])
        hub.addConsumer("reader", filter: "chat.event.>")
        try await withThrowingTaskGroup(of: Void.self) { group in
            let transport = MemoryTransport(hub: hub)
            group.addTask {
                try await transport.consume("reader", concurrency: 1) { event in
                    events.withLock { $0.append(event) }
                    return .done
                }
            }
            try await eventually("\(count) events are in the stream") { events.withLock { $0.count } >= count }
            group.cancelAll()
        }
        return events.withLock { $0 }
    }
}

/// An event whose effect is a number.
struct Counted: ServiceEvent {
    static let subject = "chat.event.counted"

    var value: Int

    init(value: Int) { self.value = value }

    init(json: JSON) throws(JSONMismatch) { value = try json.get("value") }

    func write(to writer: inout JSONWriter) { writer.object { $0.field("value", value) } }
}
