import Contracts
import Messaging
import Persistence
import Postgres
import Primitives

/// An account with what a password is compared with.
struct PasswordRecord: Sendable {
    var account: Account
    /// `nil` when what is stored cannot be read: then no password is right.
    var hash: PasswordHash?
    /// Tells whether the password was changed between two looks.
    var version: Int
}

extension AuthStore {
    /// The account with this address, in whatever case it is written.
    ///
    /// Of accounts from before addresses were folded, whose addresses are the same only now, the oldest has the
    /// address; another is found by its own exactly as written.
    func password(email: String) async throws -> PasswordRecord? {
        try await database.withConnection(idempotent: true) { session in
            try session.first(
                """
                select \(sql: AccountRow.columns), u.password_version, u.password_hash as "users.password_hash" from users u
                where u.email_folded = fold(\(email)) or (u.email_folded is null and u.email = \(email))
                order by u.email_folded is null desc limit 1
                """
            ).map(Self.passwordRecord)
        }
    }

    static func passwordRecord(_ row: Row) throws -> PasswordRecord {
        PasswordRecord(
            account: try AccountRow.account(row),
            hash: try row["users.password_hash", as: PasswordHash?.self],
            version: try row["password_version", as: Int.self])
    }

    /// Stores a new account and begins its first session.
    /// - Throws: `email-taken`.
    func register(_ account: Account, _ password: PasswordHash, _ new: NewSession) async throws {
        let (lifetimes, now) = (lifetimes, now())
        try await database.withTransaction { session in
            _ = try AccountStatements.refusingTakenEmail {
                try session.executeAndCommit(
                    [AccountStatements.add(account, password)]
                        + SessionStatements.begin(
                            new, of: account.id, passwordVersion: 1, lifetimes: lifetimes, at: now))
            }
        }
    }

    /// Begins a session for somebody whose password was right, and ends the oldest when they are too many.
    ///
    /// - Parameters:
    ///   - record: what the password was compared with.
    ///   - renewed: the hash that takes the place of one made with older parameters.
    /// - Returns: the account as it is now; `nil` when its password was changed, or it was disabled or deleted, since
    ///   `record` was read.
    func signIn(
        _ record: PasswordRecord, renewed: PasswordHash?, _ new: NewSession, context: CallContext
    ) async throws -> Account? {
        let (lifetimes, now, id) = (lifetimes, now(), record.account.id)
        return try await database.withTransaction(telling: outbox) { session, events in
            // The row stays locked until the commit: whoever disables the account waits, and then finds this session
            // and ends it. Of two who sign in at once the second counts the session of the first.
            let account: SQL = """
                select \(sql: AccountRow.columns) from users u
                where u.id = \(id) and u.password_version = \(record.version)
                    and not u.disabled and u.deleted_at is null for no key update of u
                """
            var statements = [account]
            statements += SessionStatements.begin(
                new, of: id, passwordVersion: record.version, lifetimes: lifetimes, at: now)
            if let renewed {
                statements.append(
                    """
                    update users set password_hash = \(renewed.encoded)
                    where id = \(id) and password_version = \(record.version)
                    """)
            }
            guard let row = try session.pipeline(statements)[0].first else { return nil }
            let ended = try session.execute(
                SessionStatements.endNewest(
                    of: id, after: SessionStatements.most - 1, except: new.id, reason: .revoked, at: now))
            try events.add(ended: ended, of: id, reason: .revoked, at: now, context: context)
            try Self.endRest(of: id, behind: ended, at: now, context: context, session, events)
            return try AccountRow.account(row)
        }
    }

    /// From before there was a bound an account may have any number of sessions. So all behind those that were just
    /// ended end as well, together.
    private static func endRest(
        of id: Identifier, behind ended: Rows, at now: Timestamp, context: CallContext, _ session: DatabaseSession,
        _ events: OutboxEvents
    ) throws {
        guard ended.count == SessionStatements.most else { return }
        guard let oldest = try ended.map({ row in try row[0, as: Identifier.self] }).min() else { return }
        let account = try session.execute(SessionStatements.endAll(of: id, through: oldest, isChange: true, at: now))
        if let row = account.first {
            let account = try AccountRow.account(row)
            try events.add(account.changed(at: now), key: id, context: context)
        }
    }
}
