/// What an access token says (RFC 7519): auth writes it, gateways read it, both under these names.
package struct AccessTokenClaims: Codable, Sendable, Equatable {
    package static let issuer = "orderline"
    package static let audience = "orderline"

    /// The user's id.
    package var sub: String
    /// The session's id.
    package var sid: String
    package var role: String
    package var name: String
    /// Seconds since 1970.
    package var iat: Int64
    package var exp: Int64
    package var iss: String
    package var aud: String
    /// Different in every token.
    package var jti: String
    /// What alone the token is good for (RFC 8693 §4.2); `nil` for everything that its role may do.
    package var scope: String?

    /// For turning on the second factor that is missing.
    package static let enrolmentScope = "second-factor"

    package init(
        sub: String, sid: String, role: String, name: String, iat: Int64, exp: Int64, jti: String, scope: String? = nil
    ) {
        self.sub = sub
        self.sid = sid
        self.role = role
        self.name = name
        self.iat = iat
        self.exp = exp
        iss = Self.issuer
        aud = Self.audience
        self.jti = jti
        self.scope = scope
    }

    /// Whether it was made by our auth service for our gateways.
    package var isOurs: Bool { iss == Self.issuer && aud == Self.audience }
}
