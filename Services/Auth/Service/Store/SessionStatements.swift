import Contracts
import Messaging
import Persistence
import Postgres
import Primitives

/// A session about to be stored.
struct NewSession: Sendable {
    var id: Identifier
    var device: String?
    /// Where its client is.
    var address: String?
    var token: RefreshToken

    /// One for whoever asks by `context`.
    /// - Parameter ended: the sessions of the account that are over: what begins now is none of them.
    init(device: String?, context: CallContext, after ended: EndedSessions? = nil) {
        id = .make(after: ended?.through)
        self.device = Device.named(device)
        address = context.client?.description
        token = .make()
    }
}

/// Statements on the tables `sessions` and `refresh_tokens`.
enum SessionStatements {
    /// Sessions of an account that may be live at once.
    static let most = 50

    /// Whether the session `s` of the account `u` has not been ended, by itself or with others.
    static let isLive: SQL = """
        (s.ended_at is null and (u.sessions_ended_through is null or s.id > u.sessions_ended_through
            or s.id = u.sessions_ended_except))
        """

    /// Begins a session of an account that may be used and still has this password; of any other nothing is stored.
    static func begin(
        _ session: NewSession, of userID: Identifier, passwordVersion: Int, lifetimes: Lifetimes, at now: Timestamp
    ) -> [SQL] {
        [
            """
            insert into sessions (id, user_id, device, address, created_at, last_seen_at, expires_at)
            select \(session.id), u.id, \(session.device)::text, \(session.address)::text, \(now), \(now),
                \(lifetimes.refreshEnd(ofSessionFrom: now, at: now))
            from users u where u.id = \(userID) and u.password_version = \(passwordVersion)
                and not u.disabled and u.deleted_at is null
            """,
            add(session.token, to: session.id, until: lifetimes.refreshEnd(ofSessionFrom: now, at: now), at: now),
        ]
    }

    static func add(
        _ token: RefreshToken, to sessionID: Identifier, until end: Timestamp, at now: Timestamp
    ) -> SQL {
        """
        insert into refresh_tokens (hash, session_id, issued_at, expires_at)
        select \(token.hash), s.id, \(now), \(end) from sessions s where s.id = \(sessionID)
        """
    }

    /// Ends one live session of a user and gives its id; of one that has run out by itself, nothing.
    static func end(
        _ sessionID: Identifier, of userID: Identifier, reason: SessionEndReason, at now: Timestamp
    ) -> SQL {
        """
        update sessions s set ended_at = \(now), end_reason = \(reason.rawValue) from users u
        where u.id = s.user_id and s.user_id = \(userID) and s.id = \(sessionID) and \(sql: isLive)
            and s.expires_at > \(now)
        returning s.id
        """
    }

    /// Ends live sessions of a user, as many as may be live at once, and gives their ids.
    ///
    /// - Parameters:
    ///   - kept: of the newest so many are left out.
    ///   - except: but not this one, which does not count either.
    static func endNewest(
        of userID: Identifier, after kept: Int = 0, except: Identifier?, reason: SessionEndReason, at now: Timestamp
    ) -> SQL {
        var candidates: SQL = """
            select s.id from sessions s join users u on u.id = s.user_id
            where s.user_id = \(userID) and \(sql: isLive) and s.expires_at > \(now)
            """
        if let except { candidates += " and s.id <> \(except)" }
        return """
            update sessions set ended_at = \(now), end_reason = \(reason.rawValue)
            where id in (\(sql: candidates) order by s.id desc limit \(most) offset \(kept))
            returning id
            """
    }

    /// Ends all sessions of a user up to `last`, or all that there are, in one row, and gives the account as it is then.
    ///
    /// - Parameters:
    ///   - except: but not this one.
    ///   - isChange: the account gets another version by it, and not by a statement beside it.
    static func endAll(
        of userID: Identifier, through last: Identifier? = nil, except: Identifier? = nil, isChange: Bool,
        at now: Timestamp
    ) -> SQL {
        // A replica whose clock is ahead may have begun the newest one.
        let newest: SQL = """
            (select s.id from sessions s where s.user_id = u.id and s.ended_at is null order by s.id desc limit 1)
            """
        let through: SQL = last.map { "\($0)::uuid" } ?? "\(Identifier.make())::uuid, \(sql: newest)"
        var statement: SQL = """
            update users u set sessions_ended_through = greatest(u.sessions_ended_through, \(sql: through)),
                sessions_ended_except = \(except), access_changed_at = \(now)
            """
        if isChange {
            statement += ", version = version + 1, changed_at = date_trunc('milliseconds', clock_timestamp())"
        }
        return statement + " where u.id = \(userID) returning \(sql: AccountRow.columns)"
    }
}

extension OutboxEvents {
    /// Tells the end of each session that a statement gave.
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
