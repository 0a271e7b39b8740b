import Contracts
import Messaging
import ServiceKit

/// `auth.change-password`: changes the caller's password and ends all their other sessions.
struct ChangePassword: Sendable {
    let store: AuthStore
    let hasher: PasswordHasher
    let protection: Protection
    var log = AccountLog.none

    func handle(_ request: Auth.ChangePassword, _ context: CallContext) async throws -> Answer<Nothing> {
        let caller = try context.requireCaller()
        let change = try PasswordChange(body: request.body)
        let record = try await store.password(of: caller)
        try change.requireForeign(to: record.account)
        do {
            try await PasswordCheck(store: store, hasher: hasher, protection: protection).require(
                change.current, record, context)
        } catch let error as ServiceError where error == PasswordChange.wrongCurrent {
            log.record(.passwordChangeFailed, context)
            throw error
        }
        let hash = try await hasher.hash(change.new, for: context.client, deadline: context.deadline)
        try await store.changePassword(of: caller, record, to: hash, context: context)
        log.record(.passwordChanged, context)
        return .nothing
    }
}
