import Contracts
import Messaging

/// `auth.get-user`: one account, a deleted one too; for Admins.
struct GetUser: Sendable {
    let store: AuthStore

    func handle(_ request: Auth.GetUser, _ context: CallContext) async throws -> Answer<User> {
        Answer(try await store.account(request.userID, for: try context.requireAdmin()).user)
    }
}
