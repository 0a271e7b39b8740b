package import Logging
package import Messaging
import Primitives
import ServiceLifecycle

/// Sends what stands in an outbox to the stream. Of all replicas' relays one is active, by an advisory lock that ends
/// with its connection.
///
/// Woken by the commit and by a timer. An event may be sent twice (the process died between acknowledgement and
/// delete); it is never skipped.
package struct OutboxRelay: Service {
    private let outbox: Outbox
    private let database: Database
    private let transport: any Transport
    private let logger: Logger
    /// Rows read at once; also bounds what is sent and not yet acknowledged.
    private let batchSize = 256
    /// From one batch to the next at least. The first event after a rest goes at once; of many, some go together, which
    /// costs the whole system a fraction of what each alone does: its query, its deletion, and a transaction of
    /// whoever takes it.
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
                try? await Task.sleep(for: .milliseconds(Int.random(in: 200...600)))
            }
        }
    }

    /// Waits to become the active relay, then relays until the connection is lost.
    private func lead() async throws {
        try await database.withDedicatedConnection { connection in
            let key = advisoryKey("\(outbox.schema).outbox")
            while true {
                let isLeader = try await connection.run { session in
                    try session.first("select pg_try_advisory_lock(\(key))")?[0, as: Bool.self] ?? false
                }
                if isLeader { break }
                try await Task.sleep(for: .milliseconds(500))
            }
            let listen = SQL(unsafe: "listen \(outbox.channel)")
            try await connection.run { session in _ = try session.execute(listen) }
            outbox.lead(on: connection)
            defer { outbox.lead(on: nil) }
            while true {
                let start = ContinuousClock.now
                while try await relayBatch() {}
                _ = try await connection.notifications(timeout: .seconds(1))
                try await Task.sleep(until: start + pace)
            }
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
    private func relayBatch() async throws -> Bool {
        let limit = batchSize
        let rows = try await database.withConnection(idempotent: true) { session in
            try session.execute(
                "select position, id, key, subject, payload, traceparent from outbox order by position limit \(limit)"
            ).map { row in
                let (position, id, key, subject, payload, traceparent) = try row.decode(
                    Int64.self, Identifier.self, Identifier.self, String.self, [UInt8].self, String?.self)
                return Row(
                    position: position, id: id, key: key, subject: subject, payload: payload, traceparent: traceparent)
            }
        }
        guard !rows.isEmpty else { return false }
        let sent = await send(rows)
        if !sent.isEmpty {
            _ = try await database.withTransaction { session in
                // What a crash brings back is sent again, and known by its id: no need to wait for the disk.
                try session.executeAndCommit([
                    "set local synchronous_commit = off",
                    "delete from outbox where position = any(\(sent)::bigint[])",
                ]).count
            }
        }
        if sent.count < rows.count {
            // The stream does not take events now; the rows stay where they are.
            try await Task.sleep(for: .milliseconds(200))
        }
        return sent.count == limit || sent.count < rows.count
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
        for row in rows {
            var message = Envelope(
                headers: [Envelope.Header(EventInbox.idHeader, row.id.description)], payload: row.payload)
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
