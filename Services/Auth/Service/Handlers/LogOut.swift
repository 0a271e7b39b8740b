import Contracts
import Messaging

/// `auth.logout`: ends the caller's session.
struct LogOut: Sendable {
    let store: AuthStore

    func handle(_ request: Auth.Logout, _ context: CallContext) async throws -> Answer<Nothing> {
        try await store.logOut(try context.requireCaller(), context: context)
        return .nothing
    }
}
