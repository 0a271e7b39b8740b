import Contracts
import Messaging
import Persistence
import Postgres
import Primitives

extension AuthStore {
    /// The caller's live sessions, newest first.
    func sessions(of caller: Caller, after: Identifier?, limit: Int) async throws -> [LiveSession] {
        let now = now()
        let before = after ?? Identifier(high: .max, low: .max)
        return try await database.withConnection(idempotent: true) { session in
            let found = try session.pipeline([
                AccountStatements.live(caller),
                """
                select id, device, created_at, last_seen_at from sessions
                where user_id = \(caller.userID) and ended_at is null and expires_at > \(now) and id < \(before)
                order by id desc limit \(limit)
                """,
            ])
            try Self.live(found[0].first)
            return try found[1].map { row in
                let (id, device, createdAt, lastSeenAt) = try row.decode(
                    Identifier.self, String?.self, Timestamp.self, Timestamp.self)
                return LiveSession(
                    id: id, device: device, createdAt: createdAt, lastSeenAt: lastSeenAt,
                    current: id == caller.sessionID)
            }
        }
    }

    /// Ends the caller's own session; one that has ended already stays as it is.
    func logOut(_ caller: Caller, context: CallContext) async throws {
        _ = try await end(caller.sessionID, of: caller, reason: .loggedOut, context: context)
    }

    /// Ends one of the caller's sessions.
    /// - Throws: `not-found` for an unknown one, one that is over, and another user's.
    func end(_ sessionID: Identifier, of caller: Caller, context: CallContext) async throws {
        guard try await end(sessionID, of: caller, reason: .revoked, context: context) else {
            throw ServiceError.notFound("session")
        }
    }

    private func end(
        _ sessionID: Identifier, of caller: Caller, reason: SessionEndReason, context: CallContext
    ) async throws -> Bool {
        let now = now()
        return try await database.withTransaction(telling: outbox) { session, events in
            let ended = try session.execute(
                SessionStatements.end(of: caller.userID, only: sessionID, reason: reason, at: now))
            try events.add(ended: ended, of: caller.userID, reason: reason, at: now, context: context)
            return !ended.isEmpty
        }
    }
}
