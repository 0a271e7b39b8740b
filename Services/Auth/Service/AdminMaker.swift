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

    /// The same, once for an address: an account that has it already stays untouched, and one that was deleted does not
    /// come back. `nil` then.
    func makeFirst(_ admin: NewAdmin) async throws -> User? {
        guard try await store.isFirstAdminMissing(email: admin.email) else { return nil }
        let account = admin.account(id: .make())
        do {
            let isMade = try await store.addFirst(account, try await hasher.hash(admin.password, deadline: nil))
            return isMade ? account.user : nil
        } catch let error as ServiceError where error.code == .emailTaken {
            // Another replica was quicker.
            return nil
        }
    }
}
