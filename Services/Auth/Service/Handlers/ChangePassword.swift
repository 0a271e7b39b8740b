import Contracts
import Messaging
import ServiceKit

/// `auth.change-password`: changes the caller's password and ends all their other sessions.
struct ChangePassword: Sendable {
    let store: AuthStore
    let hasher: PasswordHasher
    var log = AccountLog.none

    func handle(_ request: Auth.ChangePassword, _ context: CallContext) async throws -> Answer<Nothing> {
        let caller = try context.requireCaller()
        let change = try PasswordChange(body: request.body)
        let record = try await store.password(of: caller)
        guard try await hasher.verify(change.current, against: record.hash, deadline: context.deadline) else {
            log.record(.passwordChangeFailed, context)
            throw PasswordChange.wrongCurrent
        }
        let hash = try await hasher.hash(change.new, deadline: context.deadline)
        try await store.changePassword(of: caller, record, to: hash, context: context)
        log.record(.passwordChanged, context)
        return .nothing
    }
}
