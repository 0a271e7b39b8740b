import Postgres
import Primitives

extension AuthStore {
    /// Counts an attempt on all of `keys`, or on none of them.
    ///
    /// The rows are locked while it is decided, so of attempts at the same moment, at any replica, one comes after the
    /// other.
    /// - Parameter seconds: how long it may last.
    func beginAttempt(_ keys: [CountedKey], lasting seconds: Int64) async throws -> AttemptCount.Verdict {
        let now = now()
        // In one order everywhere, so that no two wait for each other.
        let keys = keys.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        do {
            try await database.withTransaction { session in
                let found = try session.pipeline(keys.map { Self.lockAttempts($0.key, at: now) })
                var updates: [SQL] = []
                for (key, rows) in zip(keys, found) {
                    var count = try rows.first.map(Self.attemptCount) ?? AttemptCount(at: now)
                    let verdict = count.begin(key.limit, at: now, until: now.advanced(bySeconds: seconds))
                    // Rolls back: rows made by looking go again, and so does what was counted on another key.
                    guard verdict == .admitted else { throw NotAdmitted(verdict: verdict) }
                    updates.append(Self.updateAttempts(key.key, count))
                }
                _ = try session.executeAndCommit(updates)
            }
            return .admitted
        } catch let refusal as NotAdmitted {
            return refusal.verdict
        }
    }

    /// Says what became of an attempt that was counted.
    func endAttempt(_ keys: [CountedKey], _ outcome: AttemptCount.Outcome) async throws {
        let now = now()
        let keys = keys.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        try await database.withTransaction { session in
            let found = try session.pipeline(
                keys.map { key in
                    "select \(sql: Self.attemptColumns) from attempts where key = \(key.key) for update"
                })
            var updates: [SQL] = []
            for (key, rows) in zip(keys, found) {
                guard var count = try rows.first.map(Self.attemptCount) else { continue }
                count.end(outcome == .right && !key.isClearedByRight ? .undecided : outcome, key.limit, at: now)
                // What nobody has to remember is not kept.
                updates.append(
                    count.failures == 0
                        ? "delete from attempts where key = \(key.key)" : Self.updateAttempts(key.key, count))
            }
            _ = try session.executeAndCommit(updates)
        }
    }

    private struct NotAdmitted: Error {
        var verdict: AttemptCount.Verdict
    }

    private static let attemptColumns: SQL = "failures, open, open_until, since, last_at, blocked_until"

    /// Makes the row, or locks the one there is; either way it cannot go before the end of the transaction.
    private static func lockAttempts(_ key: [UInt8], at now: Timestamp) -> SQL {
        """
        insert into attempts (key, failures, open, open_until, since, last_at)
        values (\(key), 0, 0, \(now), \(now), \(now))
        on conflict (key) do update set open = attempts.open
        returning \(sql: attemptColumns)
        """
    }

    private static func updateAttempts(_ key: [UInt8], _ count: AttemptCount) -> SQL {
        """
        update attempts set failures = \(count.failures), open = \(count.open), open_until = \(count.openUntil),
            since = \(count.since), last_at = \(count.lastAt), blocked_until = \(count.blockedUntil)
        where key = \(key)
        """
    }

    private static func attemptCount(_ row: Row) throws -> AttemptCount {
        let (failures, open, openUntil, since, lastAt, blockedUntil) = try row.decode(
            Int.self, Int.self, Timestamp.self, Timestamp.self, Timestamp.self, Timestamp?.self)
        return AttemptCount(
            failures: failures, open: open, openUntil: openUntil, since: since, lastAt: lastAt,
            blockedUntil: blockedUntil)
    }
}
