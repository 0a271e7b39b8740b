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
                select s.id, s.device, s.address, s.created_at, s.last_seen_at
                from sessions s join users u on u.id = s.user_id
                where s.user_id = \(caller.userID) and \(sql: SessionStatements.isLive) and s.expires_at > \(now)
                    and s.id < \(before)
                order by s.id desc limit \(limit)
                """,
            ])
            try Self.live(found[0].first)
            return try found[1].map { row in
                let (id, device, address, createdAt, lastSeenAt) = try row.decode(
                    Identifier.self, String?.self, String?.self, Timestamp.self, Timestamp.self)
                return LiveSession(
                    id: id, device: device, address: address, createdAt: createdAt, lastSeenAt: lastSeenAt,
                    current: id == caller.sessionID)
            }
        }
    }

    /// Ends the caller's own session; one that has ended already stays as it is.
    func logOut(_ caller: Caller, context: CallContext) async throws {
        _ = try await end(caller.sessionID, of: caller.userID, reason: .loggedOut, context: context)
    }

    /// Ends the session of a refresh token, be the token used up or expired: whoever has it may do less with it than
    /// that.
    /// - Returns: the session; `nil` for an unknown token.
    func logOut(_ token: RefreshToken, context: CallContext) async throws -> Identifier? {
        let found = try await database.withConnection(idempotent: true) { session in
            try session.first(
                """
                select s.id, s.user_id from refresh_tokens r join sessions s on s.id = r.session_id
                where r.hash = \(token.hash)
                """
            ).map { row in try row.decode(Identifier.self, Identifier.self) }
        }
        guard let (sessionID, userID) = found else { return nil }
        _ = try await end(sessionID, of: userID, reason: .loggedOut, context: context)
        return sessionID
    }

    /// Ends one of the caller's sessions.
    /// - Throws: `not-found` for an unknown one, one that is over, and another user's.
    func end(_ sessionID: Identifier, of caller: Caller, context: CallContext) async throws {
        guard try await end(sessionID, of: caller.userID, reason: .revoked, context: context) else {
            throw ServiceError.notFound("session")
        }
    }

    private func end(
        _ sessionID: Identifier, of userID: Identifier, reason: SessionEndReason, context: CallContext
    ) async throws -> Bool {
        let now = now()
        return try await database.withTransaction(telling: outbox) { session, events in
            let ended = try session.execute(SessionStatements.end(sessionID, of: userID, reason: reason, at: now))
            try events.add(ended: ended, of: userID, reason: reason, at: now, context: context)
            return !ended.isEmpty
        }
    }

    /// Ends all sessions of a user, for an Admin.
    /// - Throws: `not-found`; `unauthenticated` and `forbidden` when the caller is no Admin any more.
    func endSessions(of id: Identifier, by admin: Caller, context: CallContext) async throws {
        let now = now()
        try await database.withTransaction(telling: outbox) { session, events in
            let found = try session.pipeline([
                AccountStatements.lock([id, admin.userID]), AccountStatements.live(admin),
            ])
            try Self.requireAdmin(found[1].first)
            guard try found[0].map(AccountRow.account).contains(where: { $0.id == id }) else {
                throw ServiceError.notFound("user")
            }
            let results = try session.pipeline([
                SessionStatements.endNewest(of: id, except: nil, reason: .revoked, at: now),
                SessionStatements.endAll(of: id, isChange: true, at: now),
            ])
            try Self.tell(endedWith: results[1], singly: results[0], at: now, context: context, events)
        }
    }

    /// Tells that sessions ended together, by one event, and of some by themselves, for gateways of the version before.
    ///
    /// - Parameters:
    ///   - account: what `SessionStatements.endAll` gave.
    ///   - some: what `SessionStatements.endNewest` gave.
    static func tell(
        endedWith account: Rows, singly some: Rows, at now: Timestamp, context: CallContext, _ events: OutboxEvents
    ) throws {
        guard let row = account.first else { return }
        let account = try AccountRow.account(row)
        try events.add(account.changed(at: now), key: account.id, context: context)
        try events.add(ended: some, of: account.id, reason: .revoked, at: now, context: context)
    }
}
