import Contracts
import Messaging
import ServiceKit

/// `auth.end-user-sessions`: ends all sessions of an account, which may be the one asking; for Admins.
struct EndUserSessions: Sendable {
    let store: AuthStore
    var log = AccountLog.none

    func handle(_ request: Auth.EndUserSessions, _ context: CallContext) async throws -> Answer<Nothing> {
        try await store.endSessions(of: request.userID, by: try context.requireAdmin(), context: context)
        log.record(.sessionsEnded, context, target: request.userID)
        return .nothing
    }
}
