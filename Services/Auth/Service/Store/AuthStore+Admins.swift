import Postgres
import Primitives

extension AuthStore {
    /// Whether the first Admin with this address is still to be made: none was ever made, and no account has the
    /// address. From then on none is to be made, also when the account is deleted or takes another address.
    func isFirstAdminMissing(email: String) async throws -> Bool {
        let now = now()
        return try await database.withTransaction { session in
            let found = try session.pipeline([
                "select 1 from first_admins where email_hash = \(sql: Self.hash(email))",
                "select 1 from users where email_folded = fold(\(email))",
            ])
            if found[0].first == nil, found[1].first != nil { try session.execute(Self.remember(email, at: now)) }
            return found[0].first == nil && found[1].first == nil
        }
    }

    /// Stores the first Admin.
    /// - Returns: `false` when one was made already.
    /// - Throws: `email-taken`.
    func addFirst(_ account: Account, _ password: PasswordHash) async throws -> Bool {
        let now = now()
        return try await database.withTransaction { session in
            guard let email = account.email else { return false }
            guard try session.execute(Self.remember(email, at: now)).affected == 1 else { return false }
            _ = try AccountStatements.refusingTakenEmail {
                try session.executeAndCommit(AccountStatements.add(account, password))
            }
            return true
        }
    }

    private static func remember(_ email: String, at now: Timestamp) -> SQL {
        """
        insert into first_admins (email_hash, made_at) values (\(sql: hash(email)), \(now))
        on conflict (email_hash) do nothing
        """
    }

    private static func hash(_ email: String) -> SQL { "sha256(convert_to(fold(\(email)), 'UTF8'))" }

    /// Stores an account that does not sign in yet.
    /// - Throws: `email-taken`.
    func add(_ account: Account, _ password: PasswordHash) async throws {
        try await database.withConnection { session in
            _ = try AccountStatements.refusingTakenEmail {
                try session.execute(AccountStatements.add(account, password))
            }
        }
    }
}
