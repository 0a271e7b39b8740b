import Contracts
import Messaging
import ServiceKit

/// `auth.end-session`: ends one of the caller's sessions, which may be the one asking.
struct EndSession: Sendable {
    let store: AuthStore
    var log = AccountLog.none

    func handle(_ request: Auth.EndSession, _ context: CallContext) async throws -> Answer<Nothing> {
        try await store.end(request.sessionID, of: try context.requireCaller(), context: context)
        log.record(.sessionEnded, context, target: request.sessionID)
        return .nothing
    }
}
