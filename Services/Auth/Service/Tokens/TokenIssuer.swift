import Contracts
import Primitives

/// Makes the answer to somebody who has signed in: what register, login and refresh have in common.
struct TokenIssuer: Sendable {
    let keys: KeyRing
    let lifetimes: Lifetimes
    let parties: TokenParties
    let now: @Sendable () -> Timestamp

    init(
        keys: KeyRing, lifetimes: Lifetimes, parties: TokenParties = TokenParties(),
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.keys = keys
        self.lifetimes = lifetimes
        self.parties = parties
        self.now = now
    }

    /// The answer to whoever has just begun a session.
    func answer(_ account: Account, _ session: NewSession, delivery: TokenDelivery) async throws -> SignedIn {
        let renewal = Renewal(
            account: account, sessionID: session.id, sessionBegan: now(), token: session.token)
        return try await answer(renewal, delivery: delivery)
    }

    /// An access token for the account as it is now, beside the session's refresh token. Neither outlives the session.
    func answer(_ renewal: Renewal, delivery: TokenDelivery) async throws -> SignedIn {
        let (now, began) = (now(), renewal.sessionBegan)
        let access = max(0, lifetimes.accessEnd(ofSessionFrom: began, at: now).seconds - now.seconds)
        let refresh = max(0, lifetimes.refreshEnd(ofSessionFrom: began, at: now).seconds - now.seconds)
        let claims = AccessClaims(
            account: renewal.account, sessionID: renewal.sessionID, id: .make(), issuedAt: now, lifetime: access,
            parties: parties)
        return SignedIn(
            user: renewal.account.user, accessToken: try await keys.sign(claims), expiresIn: Int(access),
            refreshToken: renewal.token.text, refreshExpiresIn: Int(refresh), deliversInBody: delivery == .body)
    }
}
