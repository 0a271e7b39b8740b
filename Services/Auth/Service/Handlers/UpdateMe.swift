import Contracts
import Messaging

/// `auth.update-me`: changes the caller's own name or e-mail; the latter with the password, because whoever has the
/// address has the account.
struct UpdateMe: Sendable {
    let store: AuthStore
    let hasher: PasswordHasher
    let protection: Protection
    var log = AccountLog.none

    func handle(_ request: Auth.UpdateMe, _ context: CallContext) async throws -> Answer<User> {
        let caller = try context.requireCaller()
        let patch = try ProfilePatch(body: request.body)
        let passwordVersion = try await compare(patch, of: caller, context)
        let change = try await store.change(
            caller.userID, by: caller, asAdmin: false, passwordVersion: passwordVersion, context: context
        ) { account in patch.apply(to: &account) }
        log.changed(change, context)
        return Answer(change.after.user)
    }

    /// The version of the password that was compared; `nil` when none had to be.
    private func compare(_ patch: ProfilePatch, of caller: Caller, _ context: CallContext) async throws -> Int? {
        guard patch.email != nil else { return nil }
        let record = try await store.password(of: caller)
        guard let password = try patch.passwordToCompare(for: record.account) else { return nil }
        try await PasswordCheck(store: store, hasher: hasher, protection: protection).require(
            password, record, context)
        return record.version
    }
}
