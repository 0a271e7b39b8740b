import Contracts
import Logging
import Messaging

/// `auth.refresh`: exchanges a refresh token for a new pair. Each is good once; one that comes back ends its session.
struct RefreshSession: Sendable {
    let store: AuthStore
    let tokens: TokenIssuer
    let logger: Logger

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
            logger.notice(
                "session ended, as a refresh token of it came twice",
                metadata: ["session.id": "\(sessionID)", "request.id": "\(context.requestID)"])
            throw PresentedToken.refused
        }
    }
}
