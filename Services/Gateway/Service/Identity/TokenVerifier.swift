import Contracts
import JWTKit
import Logging
import Messaging
import Primitives
import Synchronization

/// Verifies access tokens with auth's public keys. A verified token is kept until it expires, so that one signature is
/// checked once.
final class TokenVerifier: Sendable {
    private struct State {
        var keys = JWTKeyCollection()
        var keyIDs: Set<String> = []
        var verified: [String: VerifiedToken] = [:]
        /// When an unknown key made us ask for the keys; asked at most once a second, whatever clients send.
        var lastMiss: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let bus: MessageBus
    /// Tokens kept. When they are more, those expired go, and if that is not enough, all.
    private let capacity = 50_000

    init(bus: MessageBus) { self.bus = bus }

    /// Fetches the public keys.
    func loadKeys() async throws {
        let set = try await bus.call(Auth.Keys(), context: .background())
        let keys = JWTKeyCollection()
        var ids: Set<String> = []
        for key in set.keys {
            guard let id = key["kid"].string else { continue }
            try await keys.add(jwk: JWK(json: key.encoded))
            ids.insert(id)
        }
        let (collection, known) = (keys, ids)
        state.withLock { state in
            state.keys = collection
            // A key that is gone must not go on through what is kept.
            if !state.keyIDs.isSubset(of: known) { state.verified = [:] }
            state.keyIDs = known
        }
    }

    /// - Throws: `unauthenticated`, `token-expired`.
    func verify(_ token: String) async throws(ServiceError) -> VerifiedToken {
        if let known = state.withLock({ $0.verified[token] }) { return try requireAlive(known) }
        guard token.utf8.count <= 4096, let keyID = Self.keyID(of: token) else { throw .unauthenticated }
        let mustLoad = state.withLock { state in
            guard !state.keyIDs.contains(keyID) else { return false }
            let now = ContinuousClock.now
            if let last = state.lastMiss, now - last < .seconds(1) { return false }
            state.lastMiss = now
            return true
        }
        if mustLoad { try? await loadKeys() }
        let keys = state.withLock { $0.keys }
        let payload: AccessToken
        do { payload = try await keys.verify(token, as: AccessToken.self) } catch { throw .unauthenticated }
        guard let verified = VerifiedToken(payload) else { throw .unauthenticated }
        let alive = try requireAlive(verified)
        state.withLock { state in
            if state.verified.count >= capacity {
                let now = Timestamp.now()
                state.verified = state.verified.filter { $0.value.expiresAt > now }
                if state.verified.count >= capacity { state.verified = [:] }
            }
            state.verified[token] = alive
        }
        return alive
    }

    private func requireAlive(_ token: VerifiedToken) throws(ServiceError) -> VerifiedToken {
        guard token.expiresAt > .now() else { throw ServiceError(.tokenExpired, "The access token has expired.") }
        return token
    }

    /// The key's id, when the header names the one algorithm that is accepted.
    private static func keyID(of token: String) -> String? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = Base64URL.decode(String(parts[0])),
            let header = try? JSONParser.parse(bytes).value,
            header["alg"].string == "ES256"
        else { return nil }
        return header["kid"].string
    }
}
