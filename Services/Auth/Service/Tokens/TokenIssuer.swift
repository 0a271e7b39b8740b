import Contracts
import Messaging
import Primitives

/// Makes the answer to somebody who has signed in: what register, login and refresh have in common.
struct TokenIssuer: Sendable {
    let keys: KeyRing
    let lifetimes: Lifetimes
    let parties: TokenParties
    /// Where to look whether an Admin has a second factor, if they must: `REQUIRE_ADMIN_TOTP`.
    let requiredOfAdmins: AuthStore?
    let now: @Sendable () -> Timestamp

    init(
        keys: KeyRing, lifetimes: Lifetimes, parties: TokenParties = TokenParties(),
        requiredOfAdmins: AuthStore? = nil, now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.requiredOfAdmins = requiredOfAdmins
        self.keys = keys
        self.lifetimes = lifetimes
        self.parties = parties
        self.now = now
    }

    /// The answer to whoever has just begun a session.
    /// - Parameter device: what the device is to be known by, for its cookie.
    func answer(
        _ account: Account, _ session: NewSession, delivery: TokenDelivery, device: DeviceToken?
    ) async throws -> SignedIn {
        let renewal = Renewal(
            account: account, sessionID: session.id, sessionBegan: now(), token: session.token)
        var answer = try await answer(renewal, delivery: delivery)
        if delivery == .cookie { answer.deviceToken = device?.text }
        return answer
    }

    /// An access token for the account as it is now, beside the session's refresh token. Neither outlives the session.
    func answer(_ renewal: Renewal, delivery: TokenDelivery) async throws -> SignedIn {
        let (now, began) = (now(), renewal.sessionBegan)
        let access = max(0, lifetimes.accessEnd(ofSessionFrom: began, at: now).seconds - now.seconds)
        let refresh = max(0, lifetimes.refreshEnd(ofSessionFrom: began, at: now).seconds - now.seconds)
        let claims = AccessClaims(
            account: renewal.account, sessionID: renewal.sessionID, id: .make(), issuedAt: now, lifetime: access,
            parties: parties, mustEnrol: try await mustEnrol(renewal.account))
        return SignedIn(
            user: renewal.account.user, accessToken: try await keys.sign(claims), expiresIn: Int(access),
            refreshToken: renewal.token.text, refreshExpiresIn: Int(refresh), deliversInBody: delivery == .body)
    }

    private func mustEnrol(_ account: Account) async throws -> Bool {
        guard let requiredOfAdmins, account.role == .admin else { return false }
        return try await !requiredOfAdmins.hasSecondFactor(account.id)
    }
}
