import Contracts
import Messaging
import Persistence
import Postgres
import Primitives

extension AuthStore {
    /// What the caller's password is compared with.
    /// - Throws: `unauthenticated` when the account or the session is over.
    func password(of caller: Caller) async throws -> PasswordRecord {
        let record = try await database.withConnection(idempotent: true) { session in
            try session.first(
                """
                select live.*, \(sql: Self.credentialColumns)
                from (\(sql: AccountStatements.live(caller))) live join users u on u.id = live.id
                \(sql: Self.secondFactorJoin)
                """
            ).map(Self.passwordRecord)
        }
        guard let record else { throw ServiceError.unauthenticated }
        return record
    }

    /// Stores the caller's new password and ends all their other sessions.
    ///
    /// - Parameter record: what the current password was compared with.
    /// - Throws: `validation-failed` when the password was changed since then, `unauthenticated` when the account or
    ///   the session is over.
    func changePassword(
        of caller: Caller, _ record: PasswordRecord, to hash: PasswordHash, context: CallContext
    ) async throws {
        let (now, id) = (now(), caller.userID)
        try await database.withTransaction(telling: outbox) { session, events in
            let found = try session.pipeline([AccountStatements.lock([id]), AccountStatements.live(caller)])
            try Self.live(found[1].first)
            let results = try session.pipeline([
                """
                update users set password_hash = \(hash.encoded), password_version = password_version + 1
                where id = \(id) and password_version = \(record.version)
                """,
                SessionStatements.endNewest(of: id, except: caller.sessionID, reason: .revoked, at: now),
                SessionStatements.endAll(of: id, except: caller.sessionID, isChange: true, at: now),
            ])
            guard results[0].affected == 1 else { throw PasswordChange.wrongCurrent }
            try Self.tell(endedWith: results[2], singly: results[1], at: now, context: context, events)
        }
    }
}
