import Contracts
import Messaging
import Primitives

/// Makes the answer to somebody who has signed in: what register, login and refresh have in common.
struct TokenIssuer: Sendable {
    let keys: KeyRing
    let lifetimes: Lifetimes
    /// Where to look whether an Admin has a second factor, if they must: `REQUIRE_ADMIN_TOTP`.
    let requiredOfAdmins: AuthStore?
    let now: @Sendable () -> Timestamp

    init(
        keys: KeyRing, lifetimes: Lifetimes, requiredOfAdmins: AuthStore? = nil,
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.requiredOfAdmins = requiredOfAdmins
        self.keys = keys
        self.lifetimes = lifetimes
        self.now = now
    }

    /// An access token for `account` as it is now, beside the session's refresh token.
    /// - Parameter device: what the device is to be known by, for its cookie.
    func answer(
        _ account: Account, sessionID: Identifier, refreshToken: RefreshToken, delivery: TokenDelivery,
        device: DeviceToken? = nil
    ) async throws -> SignedIn {
        var mustEnrol = false
        if let requiredOfAdmins, account.role == .admin {
            mustEnrol = try await !requiredOfAdmins.hasSecondFactor(account.id)
        }
        let claims = AccessClaims(
            account: account, sessionID: sessionID, id: .make(), issuedAt: now(), lifetime: lifetimes.accessToken,
            mustEnrol: mustEnrol)
        return SignedIn(
            user: account.user, accessToken: try await keys.sign(claims), expiresIn: Int(lifetimes.accessToken),
            refreshToken: refreshToken.text, refreshExpiresIn: Int(lifetimes.refreshToken),
            deliversInBody: delivery == .body, deviceToken: delivery == .cookie ? device?.text : nil)
    }
}
