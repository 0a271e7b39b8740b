import Contracts
import Messaging

/// `auth.refresh`: exchanges a refresh token for a new pair. Each is good once; one that comes back ends its session.
struct RefreshSession: Sendable {
    let store: AuthStore
    let tokens: TokenIssuer

    func handle(_ request: Auth.Refresh, _ context: RequestContext) async throws -> Answer<SignedIn> {
        let presented = try PresentedToken(cookie: request.cookie, body: request.body)
        let next = RefreshToken.make()
        guard let rotated = try await store.rotate(RefreshToken(text: presented.token), to: next, context: context)
        else {
            throw PresentedToken.refused
        }
        return Answer(
            try await tokens.answer(
                rotated.account, sessionID: rotated.sessionID, refreshToken: next, delivery: presented.delivery))
    }
}
