package import Messaging
package import Postgres
package import Primitives

/// A request under a client's `Idempotency-Key`.
package struct IdempotentRequest: Sendable {
    package var userID: Identifier
    /// The client's, compared code point by code point; of one user.
    package var key: String
    /// SHA-256 of what is asked: another content under the same key is an error.
    package var fingerprint: [UInt8]

    package init(userID: Identifier, key: String, fingerprint: [UInt8]) {
        self.userID = userID
        self.key = key
        self.fingerprint = fingerprint
    }
}

/// What a repeated request gets.
package enum IdempotencyDecision: Sendable {
    /// It is the first: carry it out and `remember` the answer in the same transaction.
    case first
    /// The stored first answer, and the identifier that was stored with it.
    case replay(reference: Identifier, answer: [UInt8])
    case refuse(ServiceError)
}

/// The table `idempotency_keys` of a schema: `(user_id, key)` → fingerprint, reference, answer, kept for 24 hours.
///
/// The key is locked for the transaction, so it is free again the moment its process dies, and the answer is stored
/// with the effect.
package enum Idempotency {
    static let lifetime: Int64 = 24 * 3600

    /// Two statements, to be executed in this order before anything else is decided: the locks, and the stored answers.
    /// The second sees what was committed before the lock was got.
    package static func lookUp(_ requests: [IdempotentRequest], now: Timestamp) -> [SQL] {
        let users = requests.map(\.userID)
        let keys = requests.map(\.key)
        return [
            """
            select pg_try_advisory_xact_lock(hashtextextended(user_id::text || key, 7))
            from unnest(\(users)::uuid[], \(keys)::text[]) with ordinality as asked(user_id, key, place) order by place
            """,
            """
            select k.user_id, k.key, k.fingerprint, k.reference, k.answer
            from unnest(\(users)::uuid[], \(keys)::text[]) as asked(user_id, key)
            join idempotency_keys k on k.user_id = asked.user_id and k.key = asked.key
            where k.created_at > \(now.advanced(bySeconds: -lifetime))
            """,
        ]
    }

    private struct Key: Hashable {
        var user: Identifier
        /// As PostgreSQL compares it: code point by code point.
        var key: ExactText

        init(user: Identifier, key: String) {
            self.user = user
            self.key = ExactText(key)
        }
    }

    /// One decision for each request, from the rows of `lookUp`.
    package static func decide(_ requests: [IdempotentRequest], locks: Rows, stored: Rows) throws
        -> [IdempotencyDecision]
    {
        var answers: [Key: (fingerprint: [UInt8], reference: Identifier, answer: [UInt8])] = [:]
        for row in stored {
            let (user, key, fingerprint, reference, answer) = try row.decode(
                Identifier.self, String.self, [UInt8].self, Identifier.self, [UInt8].self)
            answers[Key(user: user, key: key)] = (fingerprint, reference, answer)
        }
        var begun: Set<Key> = []
        return try zip(requests, locks).map { request, lock in
            let key = Key(user: request.userID, key: request.key)
            if let known = answers[key] {
                guard known.fingerprint == request.fingerprint else {
                    return .refuse(
                        ServiceError(.idempotencyKeyReused, "This Idempotency-Key was used with another content."))
                }
                return .replay(reference: known.reference, answer: known.answer)
            }
            // A second one in the same transaction holds the lock as well, so it is told apart here.
            guard try lock[0, as: Bool.self], begun.insert(key).inserted else {
                return .refuse(
                    ServiceError(
                        .idempotencyInProgress, "The first request with this Idempotency-Key is still running.",
                        retryAfter: 1))
            }
            return .first
        }
    }

    /// Stores answers. A key that is there already is older than its lifetime and is taken over.
    package static func remember(
        _ answered: [(request: IdempotentRequest, reference: Identifier, answer: [UInt8])], now: Timestamp
    ) -> SQL {
        """
        insert into idempotency_keys (user_id, key, fingerprint, reference, answer, created_at)
        select *, \(now)::timestamptz
        from unnest(\(answered.map(\.request.userID))::uuid[], \(answered.map(\.request.key))::text[],
            \(answered.map(\.request.fingerprint))::bytea[], \(answered.map(\.reference))::uuid[], \(answered.map(\.answer))::bytea[])
        on conflict (user_id, key) do update set fingerprint = excluded.fingerprint, reference = excluded.reference,
            answer = excluded.answer, created_at = excluded.created_at
        """
    }
}
