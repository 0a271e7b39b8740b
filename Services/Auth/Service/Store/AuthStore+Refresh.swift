import Contracts
import Messaging
import Persistence
import Postgres
import Primitives

/// A session that goes on, with its next refresh token.
struct Renewal: Sendable {
    /// As it is now.
    var account: Account
    var sessionID: Identifier
    var sessionBegan: Timestamp
    var token: RefreshToken
}

extension AuthStore {
    /// What became of a refresh token. A refusal is a value and no error: throwing would roll back the end of a
    /// session.
    enum Rotation: Sendable {
        case rotated(Renewal)
        case refused
        /// It had been used before, so its session was ended.
        case reused(Identifier)
    }

    /// Uses up a refresh token and puts its successor in its place. One that was used up a moment ago gets the successor
    /// that is good now.
    func rotate(_ token: RefreshToken, _ chain: RefreshChain, context: CallContext) async throws -> Rotation {
        let rotation = TokenRotation(token: token, chain: chain, lifetimes: lifetimes, now: now(), context: context)
        return try await database.withTransaction(telling: outbox) { session, events in
            try rotation.run(session, events)
        }
    }
}

/// One exchange of a refresh token, within its transaction.
private struct TokenRotation: Sendable {
    let token: RefreshToken
    let chain: RefreshChain
    let lifetimes: Lifetimes
    let now: Timestamp
    let context: CallContext

    /// Successors that are followed at most: more than anybody can have used up within the grace.
    private static let longestChain = 64

    func run(_ session: DatabaseSession, _ events: OutboxEvents) throws -> AuthStore.Rotation {
        // Account before session, as everywhere, so that nobody waits in a circle. The token is read last: only under
        // the session's lock does it say whether somebody else has just used it.
        let owner: SQL = "(select session_id from refresh_tokens where hash = \(token.hash))"
        let found = try session.pipeline([
            """
            select \(sql: AccountRow.columns) from users u
            where u.id = (select user_id from sessions where id = \(sql: owner)) for share of u
            """,
            """
            select s.id, s.created_at, \(sql: SessionStatements.isLive) from sessions s join users u on u.id = s.user_id
            where s.id = \(sql: owner) for no key update of s
            """,
            "select used_at, expires_at from refresh_tokens where hash = \(token.hash)",
        ])
        guard let user = found[0].first, let live = found[1].first, let stored = found[2].first else { return .refused }
        let account = try AccountRow.account(user)
        let (sessionID, began, isLive) = try live.decode(Identifier.self, Timestamp.self, Bool.self)
        let (usedAt, expiresAt) = try stored.decode(Timestamp?.self, Timestamp.self)
        let decision = RefreshRule.decide(
            usedAt: usedAt, expiresAt: expiresAt, sessionEndsAt: lifetimes.end(ofSessionFrom: began),
            sessionIsLive: isLive, accountIsUsable: account.isUsable, grace: lifetimes.refreshGrace, now: now)
        var renewal = Renewal(account: account, sessionID: sessionID, sessionBegan: began, token: token)
        switch decision {
        case .refuse: return .refused
        case .endSession:
            let ended = try session.execute(
                SessionStatements.end(sessionID, of: account.id, reason: .revoked, at: now))
            try events.add(ended: ended, of: account.id, reason: .revoked, at: now, context: context)
            return .reused(sessionID)
        case .rotate:
            renewal.token = chain.successor(of: token)
            try session.executeAndCommit([
                "update refresh_tokens set used_at = \(now) where hash = \(token.hash)",
                seen(renewal), add(renewal),
            ])
        case .giveAgain:
            guard let successor = try unusedSuccessor(of: renewal, session) else { return .refused }
            renewal.token = successor
            try session.executeAndCommit([seen(renewal)])
        }
        return .rotated(renewal)
    }

    /// The token that took the place of one that is used up, or of that one's successor, and so on.
    private func unusedSuccessor(of renewal: Renewal, _ session: DatabaseSession) throws -> RefreshToken? {
        var next = renewal
        for _ in 0..<Self.longestChain {
            next.token = chain.successor(of: next.token)
            let stored = try session.first(
                "select used_at is null from refresh_tokens where hash = \(next.token.hash)")
            guard let stored else {
                // The version before, or one with another secret, has put a token in this place that nobody knows any
                // more. This one stands beside it.
                try session.execute(add(next))
                return next.token
            }
            if try stored[0, as: Bool.self] { return next.token }
        }
        return nil
    }

    private func add(_ renewal: Renewal) -> SQL {
        SessionStatements.add(
            renewal.token, to: renewal.sessionID,
            until: lifetimes.refreshEnd(ofSessionFrom: renewal.sessionBegan, at: now), at: now)
    }

    /// The session was seen now, and goes on.
    private func seen(_ renewal: Renewal) -> SQL {
        """
        update sessions set last_seen_at = \(now), address = coalesce(\(context.client?.description), address),
            expires_at = \(lifetimes.refreshEnd(ofSessionFrom: renewal.sessionBegan, at: now))
        where id = \(renewal.sessionID)
        """
    }
}
