import Contracts
import JWTKit
import Messaging
import Primitives

/// What an access token says (RFC 7519).
struct AccessClaims: JWTPayload, Equatable {
    static let issuer = "orderline"
    static let audience = "orderline"

    /// The user's id.
    var sub: String
    /// The session's id.
    var sid: String
    var role: String
    var name: String
    /// Seconds since 1970.
    var iat: Int64
    var exp: Int64
    var iss: String
    var aud: String
    /// Different in every token.
    var jti: String

    init(account: Account, sessionID: Identifier, id: Identifier, issuedAt: Timestamp, lifetime: Int64) {
        sub = account.id.description
        sid = sessionID.description
        role = account.role.rawValue
        name = account.name
        iat = issuedAt.seconds
        exp = issuedAt.seconds + lifetime
        iss = Self.issuer
        aud = Self.audience
        jti = id.description
    }

    /// Tokens are only made here; gateways verify them, by rules of their own.
    func verify(using algorithm: some JWTAlgorithm) {}
}
