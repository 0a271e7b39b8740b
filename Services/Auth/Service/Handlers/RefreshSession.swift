import Contracts
import Logging
import Messaging

/// `auth.refresh`: exchanges a refresh token for a new pair. Each is good once; one that comes back at once gets the pair
/// that is good now, and one that comes back later ends its session.
struct RefreshSession: Sendable {
    let store: AuthStore
    let tokens: TokenIssuer
    let logger: Logger

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
            logger.notice(
                "session ended, as a refresh token of it came twice",
                metadata: ["session.id": "\(sessionID)", "request.id": "\(context.requestID)"])
            throw PresentedToken.refused
        }
    }
}
