import Contracts
import Messaging
import ServiceKit

/// `auth.refresh`: exchanges a refresh token for a new pair. Each is good once; one that comes back at once gets the pair
/// that is good now, and one that comes back later ends its session.
struct RefreshSession: Sendable {
    let store: AuthStore
    let tokens: TokenIssuer
    var log = AccountLog.none

    func handle(_ request: Auth.Refresh, _ context: CallContext) async throws -> Answer<SignedIn> {
        let presented = try PresentedToken(cookie: request.cookie, body: request.body)
        let token = RefreshToken(text: presented.token)
        switch try await store.rotate(token, tokens.keys.refreshChain, context: context) {
        case .rotated(let renewal):
            return Answer(try await tokens.answer(renewal, delivery: presented.delivery))
        case .refused:
            throw PresentedToken.refused
        case .reused(let sessionID):
            // Either a client that keeps its tokens badly, or a thief: worth a look in both cases.
            log.record(.tokenReused, context, session: sessionID)
            throw PresentedToken.refused
        }
    }
}
