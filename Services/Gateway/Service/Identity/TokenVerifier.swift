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
        var known = KnownKeys()
        var verified: [ExactText: VerifiedToken] = [:]
        /// When the keys were fetched last: an unknown key makes us ask at most once a second, whatever clients send.
        var loadedAt: ContinuousClock.Instant?
        var lastFetchSucceeded = false
        /// Whether auth's last answer had none of the keys known.
        var refusesKeys = false
        /// Those who wait for the fetch under way; `nil` when there is none.
        var waiting: [CheckedContinuation<Bool, Never>]?
    }

    private let state = Mutex(State())
    private let bus: MessageBus
    /// The clock by which tokens expire.
    let now: WallClock
    /// Tokens kept. When they are more, those expired go, and if that is not enough, all.
    private let capacity = 50_000

    init(bus: MessageBus, now: @escaping WallClock = { .now() }) {
        self.bus = bus
        self.now = now
    }

    /// When the keys were fetched last.
    var loadedAt: ContinuousClock.Instant? { state.withLock { $0.loadedAt } }

    /// Whether auth tells of other keys than those known, all at once: not taken until this process is restarted.
    var refusesKeys: Bool { state.withLock { $0.refusesKeys } }

    /// Fetches the public keys; whoever asks while a fetch is under way waits for that one.
    /// - Returns: whether they could be had.
    func loadKeys() async -> Bool {
        let isFirst = state.withLock { state in
            guard state.waiting == nil else { return false }
            state.waiting = []
            return true
        }
        guard isFirst else {
            return await withCheckedContinuation { continuation in
                let isUnderWay = state.withLock { state in
                    state.waiting?.append(continuation)
                    return state.waiting != nil
                }
                // It ended between the look above and here.
                if !isUnderWay { continuation.resume(returning: state.withLock { $0.lastFetchSucceeded }) }
            }
        }
        var isLoaded = false
        do {
            try await fetchKeys()
            isLoaded = true
        } catch {
            // Told to whoever asked; the next one tries again.
        }
        let succeeded = isLoaded
        let waiting = state.withLock { state in
            state.lastFetchSucceeded = succeeded
            defer { state.waiting = nil }
            return state.waiting ?? []
        }
        for continuation in waiting { continuation.resume(returning: isLoaded) }
        return isLoaded
    }

    private func fetchKeys() async throws {
        let set = try await bus.call(Auth.Keys(), context: .background())
        let keys = JWTKeyCollection()
        for key in set.keys where key["kid"].string != nil { try await keys.add(jwk: JWK(json: key.encoded)) }
        let (collection, next) = (keys, KnownKeys(set.keys))
        let isTaken = state.withLock { state in
            state.loadedAt = .now
            state.refusesKeys = !state.known.mayBecome(next)
            if state.refusesKeys { return false }
            state.keys = collection
            // A key that is gone must not go on through what is kept.
            if !state.known.areAll(in: next) { state.verified = [:] }
            state.known = next
            return true
        }
        guard isTaken else { throw KeySetRefused() }
    }

    /// - Throws: `unauthenticated`, `token-expired`; `service-unavailable` when a key is needed that cannot be had.
    func verify(_ token: String) async throws(ServiceError) -> VerifiedToken {
        if let known = state.withLock({ $0.verified[ExactText(token)] }) { return try requireAlive(known) }
        guard token.utf8.count <= 4096, let keyID = Self.keyID(of: token) else { throw .unauthenticated }
        let mustLoad = state.withLock { state in
            guard !state.known.has(keyID) else { return false }
            return state.loadedAt.map { ContinuousClock.now - $0 > .seconds(1) } ?? true
        }
        // A key that cannot be had is no reason to call the token bad: a front end would take that for being signed
        // out.
        if mustLoad, !(await loadKeys()) { throw .unavailable }
        let (keys, isRefused) = state.withLock { ($0.keys, $0.refusesKeys && !$0.known.has(keyID)) }
        // It may be signed by a key that we were told of and have not taken.
        if isRefused { throw .unavailable }
        let payload: AccessToken
        do { payload = try await keys.verify(token, as: AccessToken.self) } catch { throw .unauthenticated }
        guard let verified = VerifiedToken(payload) else { throw .unauthenticated }
        let alive = try requireAlive(verified)
        state.withLock { state in
            if state.verified.count >= capacity {
                let now = now()
                state.verified = state.verified.filter { $0.value.expiresAt > now }
                if state.verified.count >= capacity { state.verified = [:] }
            }
            state.verified[ExactText(token)] = alive
        }
        return alive
    }

    private func requireAlive(_ token: VerifiedToken) throws(ServiceError) -> VerifiedToken {
        guard token.expiresAt > now() else { throw ServiceError(.tokenExpired, "The access token has expired.") }
        return token
    }

    /// The key's id, when the header names the one algorithm that is accepted.
    private static func keyID(of token: String) -> String? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = Base64URL.decode(String(parts[0])),
            let header = try? JSONParser.parse(bytes, maximumDepth: JSONParser.clientDepth).value,
            header["alg"].string == "ES256"
        else { return nil }
        return header["kid"].string
    }
}
