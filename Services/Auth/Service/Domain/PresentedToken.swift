package import Contracts
package import Messaging

/// The refresh token that a client presents, and the way it came, which is also the way the next one goes.
package struct PresentedToken: Sendable, Equatable {
    package var token: String
    package var delivery: TokenDelivery

    /// - Parameters:
    ///   - cookie: the token of the cookie; with it the body is not looked at.
    ///   - body: the client's JSON, which may be empty.
    /// - Throws: `invalid-refresh-token` when there is none; `malformed-json` and `validation-failed` for the body.
    package init(cookie: String?, body: [UInt8]) throws(ServiceError) {
        guard let presented = try Self.ifAny(cookie: cookie, body: body) else { throw Self.refused }
        self = presented
    }

    private init(token: String, delivery: TokenDelivery) {
        self.token = token
        self.delivery = delivery
    }

    /// The same where it need not be there: `nil` without one.
    package static func ifAny(cookie: String?, body: [UInt8]) throws(ServiceError) -> PresentedToken? {
        if let cookie, !cookie.isEmpty { return PresentedToken(token: cookie, delivery: .cookie) }
        guard !body.isEmpty else { return nil }
        var input = try InputReader(body: body)
        let field = AccountFields.refreshToken
        let presented = input.has(field) ? input.secret(field) : nil
        try input.finish()
        return presented.map { PresentedToken(token: $0, delivery: .body) }
    }

    /// The one answer to whatever is wrong with a refresh token.
    package static let refused = ServiceError(.invalidRefreshToken, "The refresh token is not, or no longer, valid.")
}
