import Contracts
import Messaging

/// `auth.get-me`: the caller's own account.
struct GetMe: Sendable {
    let store: AuthStore

    func handle(_ request: Auth.GetMe, _ context: CallContext) async throws -> Answer<User> {
        Answer(try await store.account(of: try context.requireCaller()).user)
    }
}
