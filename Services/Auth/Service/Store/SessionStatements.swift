import Contracts
import Messaging
import Persistence
import Postgres
import Primitives

/// A session about to be stored.
struct NewSession: Sendable {
    var id: Identifier
    var device: String?
    var token: RefreshToken
}

/// Statements on the tables `sessions` and `refresh_tokens`.
enum SessionStatements {
    /// Begins a session of an account that may be used and still has this password; of any other nothing is stored.
    static func begin(
        _ session: NewSession, of userID: Identifier, passwordVersion: Int, lifetimes: Lifetimes, at now: Timestamp
    ) -> [SQL] {
        [
            """
            insert into sessions (id, user_id, device, created_at, last_seen_at, expires_at)
            select \(session.id), u.id, \(session.device)::text, \(now), \(now),
                \(now.advanced(bySeconds: lifetimes.refreshToken))
            from users u where u.id = \(userID) and u.password_version = \(passwordVersion)
                and not u.disabled and u.deleted_at is null
            """,
            add(session.token, to: session.id, lifetimes: lifetimes, at: now),
        ]
    }

    static func add(_ token: RefreshToken, to sessionID: Identifier, lifetimes: Lifetimes, at now: Timestamp) -> SQL {
        """
        insert into refresh_tokens (hash, session_id, issued_at, expires_at)
        select \(token.hash), s.id, \(now), \(now.advanced(bySeconds: lifetimes.refreshToken))
        from sessions s where s.id = \(sessionID)
        """
    }

    /// Ends live sessions of a user and gives their ids; one that has run out by itself is over already.
    ///
    /// - Parameters:
    ///   - only: this one; all of them without it.
    ///   - except: but not this one.
    static func end(
        of userID: Identifier, only: Identifier? = nil, except: Identifier? = nil, reason: SessionEndReason,
        at now: Timestamp
    ) -> SQL {
        var statement: SQL = """
            update sessions set ended_at = \(now), end_reason = \(reason.rawValue)
            where user_id = \(userID) and ended_at is null and expires_at > \(now)
            """
        if let only { statement += " and id = \(only)" }
        if let except { statement += " and id <> \(except)" }
        return statement + " returning id"
    }
}

extension OutboxEvents {
    /// Tells the end of each session that `SessionStatements.end` gave.
    func add(
        ended: Rows, of userID: Identifier, reason: SessionEndReason, at now: Timestamp, context: CallContext?
    ) throws {
        for row in ended {
            try add(
                Auth.SessionEnded(sessionID: try row[0, as: Identifier.self], userID: userID, reason: reason, at: now),
                key: userID, context: context)
        }
    }
}
