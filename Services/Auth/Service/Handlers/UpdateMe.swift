import Contracts
import Messaging

/// `auth.update-me`: changes the caller's own name or e-mail.
struct UpdateMe: Sendable {
    let store: AuthStore

    func handle(_ request: Auth.UpdateMe, _ context: CallContext) async throws -> Answer<User> {
        let caller = try context.requireCaller()
        let patch = try ProfilePatch(body: request.body)
        let account = try await store.change(caller.userID, by: caller, asAdmin: false, context: context) { account in
            patch.apply(to: &account)
        }
        return Answer(account.user)
    }
}
