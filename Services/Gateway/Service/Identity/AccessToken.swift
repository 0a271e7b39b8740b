import Contracts
import JWTKit
import Messaging
import Primitives

/// The claims of an access token as they are verified.
struct AccessToken: JWTPayload {
    let claims: AccessTokenClaims

    init(from decoder: any Decoder) throws { claims = try AccessTokenClaims(from: decoder) }

    func encode(to encoder: any Encoder) throws { try claims.encode(to: encoder) }

    func verify(using algorithm: some JWTAlgorithm) async throws {
        guard claims.isOurs else {
            throw JWTError.claimVerificationFailure(
                failedClaim: IssuerClaim(value: claims.iss), reason: "not one of ours")
        }
        // Expiry is looked at by the verifier, at every use: a verified token is kept.
    }
}

/// A token whose signature and claims are good; whether its session still lives is asked at every use.
struct VerifiedToken: Sendable, Equatable {
    var caller: Caller
    var expiresAt: Timestamp
    /// Whether it is good for turning on a second factor, and for nothing else.
    var mustEnrol = false
}

extension VerifiedToken {
    init?(_ token: AccessToken) {
        let claims = token.claims
        guard let user = Identifier(claims.sub), let session = Identifier(claims.sid),
            let role = Role(rawValue: claims.role)
        else { return nil }
        caller = Caller(userID: user, sessionID: session, role: role, name: claims.name)
        expiresAt = Timestamp(milliseconds: claims.exp * 1000)
        // Of a scope that is not known it is only known that the token is not good for everything.
        mustEnrol = claims.scope != nil
    }
}
