import Contracts
import Messaging
import Primitives
import ServiceKit

/// `auth.logout`: ends the caller's session, and that of a refresh token that is brought along. Either is enough.
struct LogOut: Sendable {
    let store: AuthStore
    var log = AccountLog.none

    func handle(_ request: Auth.Logout, _ context: CallContext) async throws -> Answer<LoggedOut> {
        let presented = try PresentedToken.ifAny(cookie: request.cookie, body: request.body)
        var ended: [Identifier] = []
        if let caller = context.caller {
            try await store.logOut(caller, context: context)
            ended.append(caller.sessionID)
        } else if presented == nil {
            throw ServiceError.unauthenticated
        }
        if let presented {
            let session = try await store.logOut(RefreshToken(text: presented.token), context: context)
            if let session, !ended.contains(session) { ended.append(session) }
        }
        guard !ended.isEmpty else { throw PresentedToken.refused }
        for session in ended { log.record(.loggedOut, context, session: session) }
        return Answer(LoggedOut(sessions: ended))
    }
}
