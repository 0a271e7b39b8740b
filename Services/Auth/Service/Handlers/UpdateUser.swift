import Contracts
import Messaging

/// `auth.update-user`: changes an account's role or disables it; for Admins. A disabled account's sessions end.
struct UpdateUser: Sendable {
    let store: AuthStore
    var log = AccountLog.none

    func handle(_ request: Auth.UpdateUser, _ context: CallContext) async throws -> Answer<User> {
        let admin = try context.requireAdmin()
        let patch = try AccountPatch(body: request.body)
        let change = try await store.change(request.userID, by: admin, asAdmin: true, context: context) { account in
            try patch.apply(to: &account, by: admin.userID)
        }
        log.changed(change, context)
        return Answer(change.after.user)
    }
}
