import Contracts
import Messaging
import Primitives

/// Makes Admin accounts for operators.
struct AdminMaker: Sendable {
    let store: AuthStore
    let hasher: PasswordHasher

    /// - Throws: `email-taken`.
    func make(_ admin: NewAdmin) async throws -> User {
        let account = admin.account(id: .make())
        try await store.add(account, try await hasher.hash(admin.password, deadline: nil))
        return account.user
    }

    /// The same, but an account that has the address already stays untouched: `nil`. It may have another password by
    /// now.
    func makeFirst(_ admin: NewAdmin) async throws -> User? {
        if try await store.isTaken(email: admin.email) { return nil }
        do {
            return try await make(admin)
        } catch let error as ServiceError where error.code == .emailTaken {
            // Another replica was quicker.
            return nil
        }
    }
}
