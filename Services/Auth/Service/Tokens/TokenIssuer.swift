import Contracts
import Primitives

/// Makes the answer to somebody who has signed in: what register, login and refresh have in common.
struct TokenIssuer: Sendable {
    let keys: KeyRing
    let lifetimes: Lifetimes
    let now: @Sendable () -> Timestamp

    init(keys: KeyRing, lifetimes: Lifetimes, now: @escaping @Sendable () -> Timestamp = { .now() }) {
        self.keys = keys
        self.lifetimes = lifetimes
        self.now = now
    }

    /// An access token for `account` as it is now, beside the session's refresh token.
    func answer(
        _ account: Account, sessionID: Identifier, refreshToken: RefreshToken, delivery: TokenDelivery
    ) async throws -> SignedIn {
        let claims = AccessClaims(
            account: account, sessionID: sessionID, id: .make(), issuedAt: now(), lifetime: lifetimes.accessToken)
        return SignedIn(
            user: account.user, accessToken: try await keys.sign(claims), expiresIn: Int(lifetimes.accessToken),
            refreshToken: refreshToken.text, refreshExpiresIn: Int(lifetimes.refreshToken),
            deliversInBody: delivery == .body)
    }
}
