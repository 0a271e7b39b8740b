import Contracts
import Messaging
import Persistence
import Postgres
import Primitives

extension AuthStore {
    /// What became of a refresh token. A refusal is a value and no error: throwing would roll back the end of a
    /// session.
    enum Rotation: Sendable {
        /// With the account as it is now, and the session.
        case rotated(Account, Identifier)
        case refused
        /// It had been used before, so its session was ended.
        case reused(Identifier)
    }

    /// Uses up a refresh token and puts `next` in its place.
    func rotate(_ token: RefreshToken, to next: RefreshToken, context: CallContext) async throws -> Rotation {
        let (lifetimes, now) = (lifetimes, now())
        return try await database.withTransaction(telling: outbox) { session, events in
            try Self.rotate(token, to: next, lifetimes: lifetimes, now: now, context: context, session, events)
        }
    }

    private static func rotate(
        _ token: RefreshToken, to next: RefreshToken, lifetimes: Lifetimes, now: Timestamp, context: CallContext,
        _ session: DatabaseSession, _ events: OutboxEvents
    ) throws -> Rotation {
        // Account before session, as everywhere, so that nobody waits in a circle. The token is read last: only under
        // the session's lock does it say whether somebody else has just used it.
        let owner: SQL = "(select session_id from refresh_tokens where hash = \(token.hash))"
        let found = try session.pipeline([
            """
            select \(sql: AccountRow.columns) from users u
            where u.id = (select user_id from sessions where id = \(sql: owner)) for share of u
            """,
            "select s.id, s.ended_at is null from sessions s where s.id = \(sql: owner) for no key update of s",
            "select used_at, expires_at from refresh_tokens where hash = \(token.hash)",
        ])
        guard let user = found[0].first, let live = found[1].first, let stored = found[2].first else { return .refused }
        let account = try AccountRow.account(user)
        let (sessionID, isLive) = try live.decode(Identifier.self, Bool.self)
        let (usedAt, expiresAt) = try stored.decode(Timestamp?.self, Timestamp.self)
        switch RefreshRule.decide(
            usedAt: usedAt, expiresAt: expiresAt, sessionIsLive: isLive, accountIsUsable: account.isUsable, now: now)
        {
        case .refuse: return .refused
        case .endSession:
            let ended = try session.execute(
                SessionStatements.end(of: account.id, only: sessionID, reason: .revoked, at: now))
            try events.add(ended: ended, of: account.id, reason: .revoked, at: now, context: context)
            return .reused(sessionID)
        case .rotate:
            try session.executeAndCommit([
                "update refresh_tokens set used_at = \(now) where hash = \(token.hash)",
                """
                update sessions set last_seen_at = \(now),
                    expires_at = \(now.advanced(bySeconds: lifetimes.refreshToken))
                where id = \(sessionID)
                """,
                SessionStatements.add(next, to: sessionID, lifetimes: lifetimes, at: now),
            ])
            return .rotated(account, sessionID)
        }
    }
}
