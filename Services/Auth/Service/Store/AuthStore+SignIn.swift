import Messaging
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
    func password(email: String) async throws -> PasswordRecord? {
        try await database.withConnection(idempotent: true) { session in
            try session.first(
                """
                select \(sql: AccountRow.columns), u.password_version, u.password_hash from users u
                where u.email_folded = \(EmailAddress.folded(email))
                """
            ).map(Self.passwordRecord)
        }
    }

    static func passwordRecord(_ row: Row) throws -> PasswordRecord {
        PasswordRecord(
            account: try AccountRow.account(row),
            hash: try row["password_hash", as: String?.self].flatMap(PasswordHash.init(encoded:)),
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

    /// Begins a session for somebody whose password was right, in one round trip.
    ///
    /// - Parameters:
    ///   - record: what the password was compared with.
    ///   - renewed: the hash that takes the place of one made with older parameters.
    /// - Returns: the account as it is now; `nil` when its password was changed, or it was disabled or deleted, since
    ///   `record` was read.
    func signIn(_ record: PasswordRecord, renewed: PasswordHash?, _ new: NewSession) async throws -> Account? {
        let (lifetimes, now, id) = (lifetimes, now(), record.account.id)
        return try await database.withTransaction { session in
            // The row stays locked until the commit: whoever disables the account waits, and then finds this session
            // and ends it.
            let account: SQL = """
                select \(sql: AccountRow.columns) from users u where u.id = \(id) and u.password_version = \(record.version)
                    and not u.disabled and u.deleted_at is null for share of u
                """
            let begin = SessionStatements.begin(
                new, of: id, passwordVersion: record.version, lifetimes: lifetimes, at: now)
            // The new hash comes first, as two shared locks cannot both become exclusive.
            let renew: [SQL] =
                renewed.map { hash in
                    [
                        "update users set password_hash = \(hash.encoded) where id = \(id) and password_version = \(record.version)"
                    ]
                } ?? []
            let results = try session.executeAndCommit(renew + [account] + begin)
            return try results[renew.count].first.map(AccountRow.account)
        }
    }
}
