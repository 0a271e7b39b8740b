import Contracts
import Messaging
import ServiceKit

/// `auth.refresh`: exchanges a refresh token for a new pair. Each is good once; one that comes back ends its session.
struct RefreshSession: Sendable {
    let store: AuthStore
    let tokens: TokenIssuer
    var log = AccountLog.none

    func handle(_ request: Auth.Refresh, _ context: CallContext) async throws -> Answer<SignedIn> {
        let presented = try PresentedToken(cookie: request.cookie, body: request.body)
        let next = RefreshToken.make()
        switch try await store.rotate(RefreshToken(text: presented.token), to: next, context: context) {
        case .rotated(let account, let sessionID):
            return Answer(
                try await tokens.answer(
                    account, sessionID: sessionID, refreshToken: next, delivery: presented.delivery))
        case .refused:
            throw PresentedToken.refused
        case .reused(let sessionID):
            // Either a client that keeps its tokens badly, or a thief: worth a look in both cases.
            log.record(.tokenReused, context, session: sessionID)
            throw PresentedToken.refused
        }
    }
}
