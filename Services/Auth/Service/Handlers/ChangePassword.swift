import Contracts
import Messaging

/// `auth.change-password`: changes the caller's password and ends all their other sessions.
struct ChangePassword: Sendable {
    let store: AuthStore
    let hasher: PasswordHasher

    func handle(_ request: Auth.ChangePassword, _ context: CallContext) async throws -> Answer<Nothing> {
        let caller = try context.requireCaller()
        let change = try PasswordChange(body: request.body)
        let record = try await store.password(of: caller)
        guard try await hasher.verify(change.current, against: record.hash, deadline: context.deadline) else {
            throw PasswordChange.wrongCurrent
        }
        let hash = try await hasher.hash(change.new, deadline: context.deadline)
        try await store.changePassword(of: caller, record, to: hash, context: context)
        return .nothing
    }
}
