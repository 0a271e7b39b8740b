import Contracts
import Messaging
import ServiceKit

/// `auth.logout`: ends the caller's session.
struct LogOut: Sendable {
    let store: AuthStore
    var log = AccountLog.none

    func handle(_ request: Auth.Logout, _ context: CallContext) async throws -> Answer<Nothing> {
        try await store.logOut(try context.requireCaller(), context: context)
        log.record(.loggedOut, context)
        return .nothing
    }
}
