import Contracts
import Messaging
import Primitives

/// A token whose signature and claims are good; whether its session still lives is asked at every use.
struct VerifiedToken: Sendable, Equatable {
    var caller: Caller
    var expiresAt: Timestamp
    /// The key that signed it; `nil` when that does not matter any more.
    var keyID: String?
    /// Whether it is good for turning on a second factor, and for nothing else.
    var mustEnrol = false
}

extension VerifiedToken {
    /// - Parameters:
    ///   - payload: of a token whose signature is good.
    ///   - parties: who may have made it, and for whom.
    ///   - issuedBefore: tokens made later are refused; `nil` for no such moment.
    /// - Returns: `nil` when a claim is missing, is of another type, or is not ours.
    init?(payload: [UInt8], keyID: String, parties: TokenParties, issuedBefore: Timestamp? = nil) {
        guard let claims = SignedToken.object(payload), let user = claims["sub"].string.flatMap({ Identifier($0) }),
            let session = claims["sid"].string.flatMap({ Identifier($0) }),
            let role = claims["role"].string.flatMap({ Role(rawValue: $0) }), let name = claims["name"].string,
            claims["jti"].string != nil, let issuer = claims["iss"].string, issuer.isExactly(parties.issuer),
            let audience = claims["aud"].string, audience.isExactly(parties.audience),
            let issued = Self.time(claims["iat"]), let expiry = Self.time(claims["exp"])
        else { return nil }
        if let issuedBefore, issued >= issuedBefore { return nil }
        // Of a scope that is not known it is only known that the token is not good for everything.
        self.init(
            caller: Caller(userID: user, sessionID: session, role: role, name: name), expiresAt: expiry, keyID: keyID,
            mustEnrol: !claims["scope"].isNull)
    }

    /// Whole seconds since 1970, up to the year 9999.
    private static func time(_ value: JSON) -> Timestamp? {
        guard let seconds = value.integer, (0...253_402_300_799).contains(seconds) else { return nil }
        return Timestamp(milliseconds: Int64(seconds) * 1000)
    }
}
