import Messaging
import Postgres
import Primitives

extension AuthStore {
    /// Whether the account is asked for a code at signing in.
    func hasSecondFactor(_ userID: Identifier) async throws -> Bool {
        try await database.withConnection(idempotent: true) { session in
            try session.first(
                "select 1 from second_factors where user_id = \(userID) and confirmed_at is not null") != nil
        }
    }

    /// Keeps a secret that is not asked for yet, in the place of another such.
    /// - Returns: `false` when the caller has a second factor already.
    /// - Throws: `unauthenticated` when the account or the session is over.
    func enrol(_ caller: Caller, sealed: [UInt8]) async throws -> Bool {
        let now = now()
        return try await database.withTransaction { session in
            let found = try session.pipeline([
                AccountStatements.lock([caller.userID]), AccountStatements.live(caller),
            ])
            try Self.live(found[1].first)
            let stored = try session.executeAndCommit(
                """
                insert into second_factors (user_id, sealed, created_at, last_step)
                values (\(caller.userID), \(sealed), \(now), 0)
                on conflict (user_id) do update set sealed = excluded.sealed, created_at = excluded.created_at
                where second_factors.confirmed_at is null
                """)
            return stored.affected == 1
        }
    }

    /// The secret that the caller has not confirmed yet.
    func enrolment(of caller: Caller) async throws -> StoredSecondFactor? {
        try await database.withConnection(idempotent: true) { session in
            let found = try session.pipeline([
                AccountStatements.live(caller),
                """
                select sealed, last_step from second_factors
                where user_id = \(caller.userID) and confirmed_at is null
                """,
            ])
            try Self.live(found[0].first)
            return try found[1].first.map { row in
                let (sealed, lastStep) = try row.decode([UInt8].self, Int64.self)
                return StoredSecondFactor(sealed: sealed, lastStep: lastStep)
            }
        }
    }

    /// Has the account asked for a code from now on.
    ///
    /// - Parameters:
    ///   - stored: the secret that was shown to be known, by the code of `step`.
    ///   - hashes: of the recovery codes.
    /// - Returns: `false` when that secret does not wait for its confirmation any more.
    func confirm(
        _ caller: Caller, _ stored: StoredSecondFactor, step: Int64, recovery hashes: [[UInt8]]
    ) async throws -> Bool {
        let (now, id) = (now(), caller.userID)
        return try await database.withTransaction { session in
            let found = try session.pipeline([AccountStatements.lock([id]), AccountStatements.live(caller)])
            try Self.live(found[1].first)
            let confirmed = try session.execute(
                """
                update second_factors set confirmed_at = \(now), last_step = \(step)
                where user_id = \(id) and confirmed_at is null and sealed = \(stored.sealed)
                """)
            guard confirmed.affected == 1 else { return false }
            // A sign-in that has looked at the account before must not go on as if it had no second factor.
            _ = try session.executeAndCommit(
                ["update users set password_version = password_version + 1 where id = \(id)"]
                    + hashes.map { "insert into recovery_codes (user_id, hash) values (\(id), \($0))" })
            return true
        }
    }

    /// Uses up a code and takes the second factor away.
    /// - Returns: `false` when the code was used already.
    func removeSecondFactor(of caller: Caller, _ proof: SecondFactorProof) async throws -> Bool {
        let (now, id) = (now(), caller.userID)
        return try await database.withTransaction { session in
            let found = try session.pipeline([AccountStatements.lock([id]), AccountStatements.live(caller)])
            try Self.live(found[1].first)
            guard try session.execute(SecondFactorStatements.use(proof, of: id, at: now)).affected == 1 else {
                return false
            }
            _ = try session.executeAndCommit(SecondFactorStatements.remove(of: id))
            return true
        }
    }

    /// Takes away the second factor of the account with this address, for an operator.
    /// - Returns: the account; `nil` when there is none, or it has no second factor.
    func removeSecondFactor(email: String) async throws -> Identifier? {
        try await database.withTransaction { session in
            try session.first(
                """
                delete from second_factors where user_id = (\(sql: Self.ownerOf(email: email, "u.id"))) returning user_id
                """
            ).map { try $0[0, as: Identifier.self] }
        }
    }
}

/// Statements on the tables `second_factors` and `recovery_codes`.
enum SecondFactorStatements {
    /// Uses up what a code claims to be: one row, or none when it is not, or was used before. Of two that use the same
    /// code at the same moment the second waits for the first, and finds none.
    static func use(_ proof: SecondFactorProof, of userID: Identifier, at now: Timestamp) -> SQL {
        switch proof {
        case .step(let step):
            """
            update second_factors set last_step = \(step)
            where user_id = \(userID) and confirmed_at is not null and last_step < \(step)
            """
        case .recovery(let hash):
            """
            update recovery_codes set used_at = \(now)
            where user_id = \(userID) and hash = \(hash) and used_at is null
            """
        }
    }

    /// Its recovery codes go with it.
    static func remove(of userID: Identifier) -> SQL { "delete from second_factors where user_id = \(userID)" }
}
