import Contracts
import Messaging

/// `auth.end-user-sessions`: ends all sessions of an account, which may be the one asking; for Admins.
struct EndUserSessions: Sendable {
    let store: AuthStore

    func handle(_ request: Auth.EndUserSessions, _ context: CallContext) async throws -> Answer<Nothing> {
        try await store.endSessions(of: request.userID, by: try context.requireAdmin(), context: context)
        return .nothing
    }
}
