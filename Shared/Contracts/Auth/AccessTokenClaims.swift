/// What an access token says (RFC 9068 §2.2): auth writes it, gateways read it, both under these names.
package struct AccessTokenClaims: Codable, Sendable, Equatable {
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
        sub: String, sid: String, role: String, name: String, iat: Int64, exp: Int64, jti: String,
        parties: TokenParties = TokenParties(), scope: String? = nil
    ) {
        self.sub = sub
        self.sid = sid
        self.role = role
        self.name = name
        self.iat = iat
        self.exp = exp
        iss = parties.issuer
        aud = parties.audience
        self.jti = jti
        self.scope = scope
    }

    /// The header `typ` of an access token (RFC 9068 §2.1): no token of another kind is taken for one.
    package static let type = "at+jwt"
}

/// Who makes access tokens, and for whom: auth and gateways must be told the same.
package struct TokenParties: Sendable, Equatable {
    /// `JWT_ISSUER`: the claim `iss`.
    package var issuer: String
    /// `JWT_AUDIENCE`: the claim `aud`.
    package var audience: String

    package init(issuer: String = Self.standard, audience: String = Self.standard) {
        self.issuer = issuer
        self.audience = audience
    }

    /// What both are unless the operator says otherwise.
    package static let standard = "orderline"

    /// What keeps `name` from being one, in words for the operator; `nil` when nothing does.
    package static func fault(in name: String) -> String? {
        let isVisible = name.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        return isVisible && (1...255).contains(name.utf8.count)
            ? nil : "must have 1 to 255 visible ASCII characters, such as https://orderline.example"
    }
}
