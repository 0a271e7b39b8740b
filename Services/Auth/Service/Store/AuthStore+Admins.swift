import Postgres
import Primitives

extension AuthStore {
    /// Whether an account has this address.
    func isTaken(email: String) async throws -> Bool {
        try await database.withConnection(idempotent: true) { session in
            try session.first("select 1 from users where email_folded = fold(\(email))") != nil
        }
    }

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
