import HTTPTypes
import Messaging

/// Tells who is asking, from a token as it is valid now.
struct Authenticator: Sendable {
    let verifier: TokenVerifier
    let revocations: Revocations
    /// Whether keys and revocations are known: before that no token can be told good from bad.
    let isReady: @Sendable () -> Bool

    /// The caller of a request with an `Authorization` header.
    /// - Throws: `unauthenticated`, `token-expired`, `service-unavailable`.
    func caller(of head: HTTPRequest) async throws(ServiceError) -> Caller {
        guard let token = Self.bearer(head.headerFields[.authorization]) else { throw .unauthenticated }
        return try await verify(token).caller
    }

    func verify(_ token: String) async throws(ServiceError) -> VerifiedToken {
        guard isReady() else { throw .unavailable }
        let verified = try await verifier.verify(token)
        try revocations.require(verified.caller)
        return verified
    }

    /// The token of a `Bearer` header (RFC 6750 §2.1); `nil` for any other scheme.
    static func bearer(_ value: String?) -> String? {
        guard let value else { return nil }
        let words = value.split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return String(words[1])
    }
}
