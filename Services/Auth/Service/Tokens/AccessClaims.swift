import Contracts
import JWTKit
import Messaging
import Primitives

/// The claims of an access token as they are signed.
struct AccessClaims: JWTPayload, Equatable {
    let claims: AccessTokenClaims

    /// - Parameter mustEnrol: whether an Admin has to turn on a second factor first.
    init(
        account: Account, sessionID: Identifier, id: Identifier, issuedAt: Timestamp, lifetime: Int64,
        parties: TokenParties = TokenParties(), mustEnrol: Bool = false
    ) {
        claims = AccessTokenClaims(
            sub: account.id.description, sid: sessionID.description, role: account.role.rawValue, name: account.name,
            iat: issuedAt.seconds, exp: issuedAt.seconds + lifetime, jti: id.description,
            parties: parties, scope: mustEnrol ? AccessTokenClaims.enrolmentScope : nil)
    }

    init(from decoder: any Decoder) throws { claims = try AccessTokenClaims(from: decoder) }

    func encode(to encoder: any Encoder) throws { try claims.encode(to: encoder) }

    /// Tokens are only made here; gateways verify them, by rules of their own.
    func verify(using algorithm: some JWTAlgorithm) {}
}
