package import Postgres
package import Primitives

/// What a schema does not keep for ever: a statement that takes a part of it away.
///
/// Any number of replicas may run it at once, and again: what another one has in hand is passed over.
package struct Expiry: Sendable {
    /// How many rows one statement takes at most, so that none is long.
    package static let batch = 1000

    /// What goes, in words for the log.
    package let what: String
    /// How long it is kept, in seconds.
    package let seconds: Int64
    private let statement: @Sendable (Timestamp) -> SQL

    /// - Parameter statement: takes at most `batch` rows of what is older than the time it gets.
    package init(_ what: String, after seconds: Int64, _ statement: @escaping @Sendable (Timestamp) -> SQL) {
        self.what = what
        self.seconds = seconds
        self.statement = statement
    }

    /// Takes away all that is too old at `now`.
    /// - Returns: how many rows that were.
    package func apply(to database: Database, now: Timestamp) async throws -> Int {
        let statement = statement(now.advanced(bySeconds: -seconds))
        var total = 0
        while true {
            let count = try await database.withConnection(idempotent: true) { try $0.execute(statement).affected }
            total += count
            guard count == Self.batch else { return total }
            try Task.checkCancellation()
        }
    }
}

extension Expiry {
    /// Answers under idempotency keys, which hold names and whatever else was answered. They count for 24 hours.
    package static let idempotentAnswers = Expiry("idempotent answers", after: Idempotency.lifetime) { limit in
        """
        delete from idempotency_keys using (
            select user_id, key from idempotency_keys where created_at <= \(limit) order by created_at
            limit \(batch) for update skip locked
        ) old
        where idempotency_keys.user_id = old.user_id and idempotency_keys.key = old.key
            and idempotency_keys.created_at <= \(limit)
        """
    }

    /// Events that nobody has seen to for thirty days. Reconciliation has long done what they would have.
    package static let parkedEvents = Expiry("parked events", after: 30 * 86_400) { limit in
        """
        delete from parked_events using (
            select consumer, event_id from parked_events where parked_at <= \(limit) order by parked_at
            limit \(batch) for update skip locked
        ) old
        where parked_events.consumer = old.consumer and parked_events.event_id = old.event_id
        """
    }
}
