import Foundation
import JWTKit
import Messaging
import Primitives

/// The claims of an access token that the gateway reads (RFC 7519).
struct AccessToken: JWTPayload {
    static let issuer = "orderline"

    var sub: String
    var sid: String
    var role: String
    var name: String
    var iss: String
    var aud: AudienceClaim
    var exp: Int

    func verify(using algorithm: some JWTAlgorithm) async throws {
        guard iss == Self.issuer, aud.value.contains(Self.issuer) else {
            throw JWTError.claimVerificationFailure(failedClaim: IssuerClaim(value: iss), reason: "not one of ours")
        }
        // Expiry is looked at by the verifier, at every use: a verified token is kept.
    }
}

/// A token whose signature and claims are good; whether its session still lives is asked at every use.
struct VerifiedToken: Sendable, Equatable {
    var caller: Caller
    var expiresAt: Timestamp
}

extension VerifiedToken {
    init?(_ token: AccessToken) {
        guard let user = Identifier(token.sub), let session = Identifier(token.sid),
            let role = Role(rawValue: token.role)
        else {
            return nil
        }
        caller = Caller(userID: user, sessionID: session, role: role, name: token.name)
        expiresAt = Timestamp(milliseconds: Int64(token.exp) * 1000)
    }
}
