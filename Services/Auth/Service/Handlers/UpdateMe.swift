import Contracts
import Messaging

/// `auth.update-me`: changes the caller's own name or e-mail.
struct UpdateMe: Sendable {
    let store: AuthStore
    var log = AccountLog.none

    func handle(_ request: Auth.UpdateMe, _ context: CallContext) async throws -> Answer<User> {
        let caller = try context.requireCaller()
        let patch = try ProfilePatch(body: request.body)
        let change = try await store.change(caller.userID, by: caller, asAdmin: false, context: context) { account in
            patch.apply(to: &account)
        }
        log.changed(change, context)
        return Answer(change.after.user)
    }
}
