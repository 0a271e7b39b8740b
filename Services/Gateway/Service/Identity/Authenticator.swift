import HTTPTypes
import Messaging
import Primitives

/// The time of the calendar, by which tokens expire.
typealias WallClock = @Sendable () -> Timestamp

/// Tells who is asking, from a token as it is valid now.
struct Authenticator: Sendable {
    let verifier: TokenVerifier
    let revocations: Revocations
    /// Whether keys and revocations are known: before that no token can be told good from bad.
    let isReady: @Sendable () -> Bool

    /// The clock by which tokens expire.
    var now: WallClock { verifier.now }

    /// The caller of a request with an `Authorization` header.
    /// - Parameter toEnrol: whether what is asked for is what an Admin without a second factor may do.
    /// - Throws: `unauthenticated`, `token-expired`, `forbidden`, `service-unavailable`.
    func caller(of head: HTTPRequest, toEnrol: Bool = false) async throws(ServiceError) -> Caller {
        guard let token = Self.bearer(head.headerFields[.authorization]) else { throw .unauthenticated }
        return try await verify(token, toEnrol: toEnrol).caller
    }

    func verify(_ token: String, toEnrol: Bool = false) async throws(ServiceError) -> VerifiedToken {
        guard isReady() else { throw .unavailable }
        var verified = try await verifier.verify(token)
        try revocations.require(verified.caller)
        if verified.mustEnrol {
            guard toEnrol else { throw Self.mustEnrol }
            // Whatever comes of the request, it has no power.
            verified.caller.role = .regular
        }
        return verified
    }

    private static let mustEnrol = ServiceError(
        .forbidden, "Admins need a second factor here: turn it on by POST /auth/totp, then refresh the token.")

    /// The token of a `Bearer` header (RFC 6750 §2.1); `nil` for any other scheme.
    static func bearer(_ value: String?) -> String? {
        guard let value, value.utf8.count > 7,
            value.utf8.prefix(7).elementsEqual("bearer ".utf8, by: { $0 | 0x20 == $1 })
        else { return nil }
        let token = value.utf8.dropFirst(7).drop { $0 == UInt8(ascii: " ") }
        guard !token.isEmpty, !token.contains(UInt8(ascii: " ")) else { return nil }
        return String(Substring(token))
    }
}
