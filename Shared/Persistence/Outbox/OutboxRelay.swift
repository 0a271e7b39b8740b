package import Logging
package import Messaging
package import Postgres
import Primitives
import ServiceLifecycle
import Synchronization
import Threads

/// Sends what stands in an outbox to the stream. Of all replicas' relays one is active, the one that holds the lease.
///
/// Woken by the commit and by a timer. An event may be sent twice (the process died between acknowledgement and
/// delete); it is never skipped. Rows are read and deleted on the connection that holds the lock: who could read them
/// led at that moment.
package struct OutboxRelay: Service {
    private let outbox: Outbox
    private let database: Database
    private let transport: any Transport
    private let logger: Logger
    /// Rows read at once; also bounds what is sent and not yet acknowledged.
    private let batchSize = 256
    /// From one batch to the next at least. The first event after a rest goes at once; of many, some go together, which
    /// costs the whole system a fraction of what each alone does: its query, its deletion, and a transaction of whoever
    /// takes it.
    private let pace: Duration = .milliseconds(10)

    package init(outbox: Outbox, database: Database, transport: any Transport, logger: Logger) {
        self.outbox = outbox
        self.database = database
        self.transport = transport
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await lead()
                } catch is CancellationError {
                    return
                } catch {
                    logger.warning(
                        "outbox relay interrupted", metadata: ["schema": "\(outbox.schema)", "error": "\(error)"])
                }
                // Jitter so that replicas that lost the database together do not come back together.
                try? await Pause.sleep(for: .milliseconds(Int.random(in: 200...600)))
            }
        }
    }

    /// Waits to become the active relay, then relays until the lead is lost.
    private func lead() async throws {
        try await database.withLease(outbox.lease) { connection in
            let listen = SQL(unsafe: "listen \(outbox.channel)")
            try await connection.run { session in _ = try session.execute(listen) }
            outbox.lead(on: connection)
            defer { outbox.lead(on: nil) }
            let earliest = EarliestRow()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await lookBehind(earliest) }
                group.addTask { try await relay(on: connection, earliest) }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }

    private func relay(on connection: DedicatedConnection, _ earliest: EarliestRow) async throws {
        let head = try await connection.run { session in
            try session.first(
                """
                select coalesce((select min(position) from outbox),
                    (select last_value from pg_sequences where schemaname = current_schema
                        and sequencename = 'outbox_position_seq'), 0)
                """)?[0, as: Int64.self] ?? 0
        }
        var position = OutboxPosition(head: head, now: .now)
        while true {
            let start = ContinuousClock.now
            if let found = earliest.position.withLock({ $0.take() }) { position.found(found) }
            while try await relayBatch(&position, on: connection) {}
            _ = try await connection.notifications(timeout: .seconds(1))
            try await Pause.sleep(until: start + pace)
        }
    }

    private struct Row: Sendable {
        var position: Int64
        var id: Identifier
        var key: Identifier
        var subject: String
        var payload: [UInt8]
        var traceparent: String?
    }

    /// - Returns: whether there may be more to send at once.
    private func relayBatch(_ position: inout OutboxPosition, on connection: DedicatedConnection) async throws -> Bool {
        let (start, limit) = (position.start(now: .now), batchSize)
        let rows = try await connection.run { session in
            try Self.rows("where position >= \(start) order by position limit \(limit)", session)
        }
        position.read(rows.map(\.position), from: start, isAll: rows.count < limit, now: .now)
        guard !rows.isEmpty else { return false }
        let sent = await send(rows)
        try outbox.lease.require()
        try await delete(sent, on: connection)
        position.sent(sent)
        if sent.count < rows.count {
            // The stream does not take events now; the rows stay where they are.
            try await Pause.sleep(for: .milliseconds(200))
        }
        return sent.count == limit || sent.count < rows.count
    }

    /// What is committed later than any transaction should last stands before the place of reading; so now and then all
    /// of the table is looked at, beside the relaying: it may take long when much of the table is dead.
    private func lookBehind(_ earliest: EarliestRow) async throws {
        while true {
            try await Pause.sleep(for: .seconds(60))
            do {
                let position = try await database.withConnection(idempotent: true) { session in
                    try session.first("select min(position) from outbox")?[0, as: Int64?.self]
                }
                earliest.position.withLock { $0 = position }
            } catch let error as DatabaseError {
                logger.info("outbox not looked through", metadata: ["error": "\(error)"])
            }
        }
    }

    private static func rows(_ condition: SQL, _ session: DatabaseSession) throws -> [Row] {
        try session.execute(
            "select position, id, key, subject, payload, traceparent from outbox \(sql: condition)"
        ).map { row in
            let (position, id, key, subject, payload, traceparent) = try row.decode(
                Int64.self, Identifier.self, Identifier.self, String.self, [UInt8].self, String?.self)
            return Row(
                position: position, id: id, key: key, subject: subject, payload: payload, traceparent: traceparent)
        }
    }

    private func delete(_ positions: [Int64], on connection: DedicatedConnection) async throws {
        guard !positions.isEmpty else { return }
        _ = try await connection.withTransaction { session in
            // What a crash brings back is sent again, and known by its id: no need to wait for the disk.
            try session.executeAndCommit([
                "set local synchronous_commit = off",
                "delete from outbox where position = any(\(positions)::bigint[])",
            ]).count
        }
    }

    /// Sends rows of different keys at the same time and those of one key one after another.
    /// - Returns: the positions that the stream has acknowledged.
    private func send(_ rows: [Row]) async -> [Int64] {
        var order: [Identifier] = []
        var byKey: [Identifier: [Row]] = [:]
        for row in rows {
            if byKey[row.key] == nil { order.append(row.key) }
            byKey[row.key, default: []].append(row)
        }
        return await withTaskGroup(of: [Int64].self) { group in
            for key in order {
                let rows = byKey[key] ?? []
                group.addTask { await sendInOrder(rows) }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    private func sendInOrder(_ rows: [Row]) async -> [Int64] {
        var sent: [Int64] = []
        // A process that was frozen in between finds that it does not lead any more, and sends nothing of what it read.
        for row in rows where outbox.lease.isHeld {
            var message = Envelope(
                headers: [
                    Envelope.Header(EventInbox.idHeader, row.id.description),
                    Envelope.Header(EventInbox.keyHeader, row.key.description),
                ], payload: row.payload)
            if let traceparent = row.traceparent { message.headers.append(Envelope.Header("traceparent", traceparent)) }
            do {
                _ = try await transport.append(row.subject, id: row.id.description, message, timeout: .seconds(5))
                sent.append(row.position)
            } catch {
                logger.warning(
                    "event not taken by the stream",
                    metadata: ["subject": "\(row.subject)", "event.id": "\(row.id)", "error": "\(error)"])
                break
            }
        }
        return sent
    }
}

/// The first row of the table, as the look at all of it found it; until the relay takes it.
private final class EarliestRow: Sendable {
    let position = Mutex<Int64?>(nil)
}
