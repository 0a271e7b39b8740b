import Postgres
import Primitives
import Synchronization

/// The table `outbox` of one schema. Events get into it by `Database.withTransaction(telling:)`, which also wakes its
/// relay.
///
/// An event that was committed is sent, at least once, however often processes die: its row goes only after the stream
/// has acknowledged it.
package final class Outbox: Sendable {
    /// The schema's name: also the channel on which a waiting relay is notified.
    let schema: String
    /// Of all replicas' relays the one that holds this sends.
    let lease: Lease
    /// The connection on which this process's relay waits, while it is the one that leads.
    private let relayConnection = Mutex<DedicatedConnection?>(nil)

    /// - Parameter schema: the service's, whose table it is; one object for each process.
    package init(schema: String) {
        self.schema = schema
        lease = Lease("\(schema).outbox")
    }

    /// The statements that add `events`; to be executed in the transaction that causes them.
    func statements(adding events: [OutboxEvent]) -> [SQL] {
        guard !events.isEmpty else { return [] }
        let insert: SQL = """
            insert into outbox (id, key, subject, payload, traceparent)
            select * from unnest(\(events.map(\.id))::uuid[], \(events.map(\.key))::uuid[], \(events.map(\.subject))::text[],
                \(events.map(\.payload))::bytea[], \(events.map(\.traceparent))::text[])
            """
        // NOTIFY makes commits wait for each other, so it is used only to reach a relay in another process.
        return isLeading ? [insert] : [insert, "select pg_notify(\(channel), '')"]
    }

    /// Wakes the relay, if it is this process's, after a commit.
    func wakeRelay() { relayConnection.withLock { $0 }?.wake() }

    /// Whether this process sends the schema's events now.
    package var isLeading: Bool { lease.isHeld && relayConnection.withLock { $0 != nil } }

    var channel: String { "\(schema)_outbox" }

    func lead(on connection: DedicatedConnection?) { relayConnection.withLock { $0 = connection } }
}
