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
    /// Tells whether the password was changed, or a second factor turned on, between two looks.
    var version: Int
    /// `nil` when none is asked for.
    var secondFactor: StoredSecondFactor?
}

/// What is known of an address that somebody wants to sign in with.
struct SignInRecord: Sendable {
    /// The address, as it is compared.
    var folded: String
    /// `nil` when no account has it.
    var password: PasswordRecord?
    /// Whether the account was signed in to from this device, and from this network, before.
    var knowsDevice: Bool
    var knowsNetwork: Bool
}

/// What became of a sign-in with the right password.
enum SignInOutcome: Sendable {
    /// With the account as it is now.
    case signedIn(Account)
    /// The code of the second factor was used before, or is none.
    case codeRefused
    /// The password was changed, or the account disabled or deleted, since it was looked at.
    case changed
}

extension AuthStore {
    /// What a sign-in is decided by. An unknown address costs as much as a known one.
    func signInRecord(email: String, from place: PlaceKeys) async throws -> SignInRecord {
        try await database.withConnection(idempotent: true) { session in
            let found = try session.pipeline([
                "select fold(\(email))", Self.passwordOf(email: email),
                """
                select p.key from known_places p
                where p.user_id = (\(sql: Self.ownerOf(email: email, "u.id")))
                    and p.key in (\(place.device)::bytea, \(place.network)::bytea)
                """,
            ])
            let known = try found[2].map { try $0[0, as: [UInt8].self] }
            return SignInRecord(
                folded: try found[0].first?[0, as: String.self] ?? "",
                password: try found[1].first.map(Self.passwordRecord),
                knowsDevice: place.device.map(known.contains) ?? false,
                knowsNetwork: place.network.map(known.contains) ?? false)
        }
    }

    /// The account with this address, in whatever case it is written.
    ///
    /// Of accounts from before addresses were folded, whose addresses are the same only now, the oldest has the
    /// address; another is found by its own exactly as written.
    func password(email: String) async throws -> PasswordRecord? {
        try await database.withConnection(idempotent: true) { session in
            try session.first(Self.passwordOf(email: email)).map(Self.passwordRecord)
        }
    }

    static let credentialColumns: SQL = """
        u.password_version, u.password_hash as "users.password_hash", f.sealed as "second_factors.sealed",
        f.last_step as "second_factors.last_step"
        """
    static let secondFactorJoin: SQL =
        "left join second_factors f on f.user_id = u.id and f.confirmed_at is not null"

    private static func passwordOf(email: String) -> SQL {
        ownerOf(email: email, "\(sql: AccountRow.columns), \(sql: credentialColumns)", join: secondFactorJoin)
    }

    /// The account with this address: `columns` of it, `u` in them.
    static func ownerOf(email: String, _ columns: SQL, join: SQL = "") -> SQL {
        """
        select \(sql: columns) from users u \(sql: join)
        where u.email_folded = fold(\(email)) or (u.email_folded is null and u.email = \(email))
        order by u.email_folded is null desc limit 1
        """
    }

    static func passwordRecord(_ row: Row) throws -> PasswordRecord {
        PasswordRecord(
            account: try AccountRow.account(row),
            hash: try row["users.password_hash", as: PasswordHash?.self],
            version: try row["password_version", as: Int.self],
            secondFactor: try row["second_factors.sealed", as: [UInt8]?.self].map { sealed in
                StoredSecondFactor(sealed: sealed, lastStep: try row["second_factors.last_step", as: Int64.self])
            })
    }

    /// Stores a new account and begins its first session.
    /// - Throws: `email-taken`.
    func register(
        _ account: Account, _ password: PasswordHash, _ new: NewSession, from place: PlaceKeys
    ) async throws {
        let (lifetimes, now) = (lifetimes, now())
        try await database.withTransaction { session in
            _ = try AccountStatements.refusingTakenEmail {
                try session.executeAndCommit(
                    [AccountStatements.add(account, password)]
                        + SessionStatements.begin(
                            new, of: account.id, passwordVersion: 1, lifetimes: lifetimes, at: now)
                        + KnownPlaces.remember(place, of: account.id, at: now))
            }
        }
    }

    /// Begins a session for somebody whose password was right, and ends the oldest when they are too many.
    ///
    /// - Parameters:
    ///   - record: what the password was compared with.
    ///   - proof: the code of the second factor, if there is one: used up here.
    ///   - renewed: the hash that takes the place of one made with older parameters.
    ///   - place: from where; remembered.
    func signIn(
        _ record: PasswordRecord, proof: SecondFactorProof?, renewed: PasswordHash?, _ new: NewSession,
        from place: PlaceKeys, context: CallContext
    ) async throws -> SignInOutcome {
        let (lifetimes, now, id) = (lifetimes, now(), record.account.id)
        return try await database.withTransaction(telling: outbox) { session, events in
            // The row stays locked until the commit: whoever disables the account waits, and then finds this session
            // and ends it. Of two who sign in at once the second counts the session of the first.
            let account: SQL = """
                select \(sql: AccountRow.columns) from users u
                where u.id = \(id) and u.password_version = \(record.version)
                    and not u.disabled and u.deleted_at is null for no key update of u
                """
            if let proof {
                guard try session.first(account) != nil else { return .changed }
                let use = SecondFactorStatements.use(proof, of: id, at: now)
                guard try session.execute(use).affected == 1 else { return .codeRefused }
            }
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
            statements += KnownPlaces.remember(place, of: id, at: now)
            guard let row = try session.pipeline(statements)[0].first else { return .changed }
            let ended = try session.execute(
                SessionStatements.endNewest(
                    of: id, after: SessionStatements.most - 1, except: new.id, reason: .revoked, at: now))
            try events.add(ended: ended, of: id, reason: .revoked, at: now, context: context)
            try Self.endRest(of: id, behind: ended, at: now, context: context, session, events)
            return .signedIn(try AccountRow.account(row))
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
