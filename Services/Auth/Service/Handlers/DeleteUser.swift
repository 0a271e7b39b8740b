import Contracts
import Messaging

/// `auth.delete-user`: disables an account and erases what is personal; for Admins. Done a second time, it changes
/// nothing.
struct DeleteUser: Sendable {
    let store: AuthStore
    var log = AccountLog.none

    func handle(_ request: Auth.DeleteUser, _ context: CallContext) async throws -> Answer<Nothing> {
        let admin = try context.requireAdmin()
        let now = store.now()
        let change = try await store.change(request.userID, by: admin, asAdmin: true, context: context) { account in
            try AccountPatch.requireOther(account.id, than: admin.userID)
            let before = account
            if !account.isDeleted { account.erase(at: now) }
            return AccountChange(from: before, to: account)
        }
        log.changed(change, context)
        return .nothing
    }
}
