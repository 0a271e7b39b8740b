import Contracts
import Logging
import Messaging
import Primitives
import Synchronization

/// Verifies access tokens (RFC 9068 §4, RFC 8725) with auth's public keys.
final class TokenVerifier: Sendable {
    private struct State {
        var keys = VerificationKeys.none
        /// Keys that were good once and are not any more, the latest last: what they have signed is refused as too old,
        /// so that clients refresh. So many that a set of keys is not forgotten at once.
        var former: [String] = []
        /// Keys that are good for nothing, whatever an answer says that was on its way when that was told.
        var revoked: Set<String> = []
        var verified = VerifiedTokens(capacity: 50_000)
        /// When the keys were fetched last: an unknown key makes us ask at most once a second, whatever clients send.
        var loadedAt: ContinuousClock.Instant?
        var lastFetchSucceeded = false
        /// Whether auth's last answer had none of the keys known.
        var refusesKeys = false
        /// Those who wait for the fetch under way; `nil` when there is none.
        var waiting: [CheckedContinuation<Bool, Never>]?

        /// Takes other keys. One that is gone must not go on through what is kept.
        mutating func use(_ new: VerificationKeys) {
            let gone = keys.ids.subtracting(new.ids)
            keys = new
            former.removeAll { new.ids.contains($0) }
            guard !gone.isEmpty else { return }
            former = (former + gone.sorted()).suffix(64)
            verified.removeAll { token in token.keyID.map(gone.contains) ?? true }
        }
    }

    private let state = Mutex(State())
    private let bus: MessageBus
    private let parties: TokenParties
    /// The clock by which tokens expire.
    let now: WallClock
    /// Tokens that call themselves `JWT` are those of auth processes of the version before, which are exchanged about
    /// when this process began: what is made later is refused. The next release knows no such tokens.
    private let plainUntil: Timestamp
    static let plainPeriod: Int64 = 3600

    init(bus: MessageBus, parties: TokenParties = TokenParties(), now: @escaping WallClock = { .now() }) {
        self.bus = bus
        self.parties = parties
        self.now = now
        plainUntil = now().advanced(bySeconds: Self.plainPeriod)
    }

    /// When the keys were fetched last.
    var loadedAt: ContinuousClock.Instant? { state.withLock { $0.loadedAt } }

    /// Whether they are being fetched.
    var isLoading: Bool { state.withLock { $0.waiting != nil } }

    /// Tokens kept as verified.
    var keptCount: Int { state.withLock { $0.verified.count } }

    /// Whether a key of this name is good.
    func knows(_ keyID: String) -> Bool { state.withLock { $0.keys.ids.contains(keyID) } }

    /// From now on nothing that these keys have signed is believed.
    func revoke(_ keyIDs: [String]) {
        state.withLock { state in
            // Nobody revokes so many; one that is forgotten is not told of by auth either.
            if state.revoked.count > 1000 { state.revoked = [] }
            state.revoked.formUnion(keyIDs)
            state.use(state.keys.without(state.revoked))
        }
    }

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
            let keys = VerificationKeys(try await bus.call(Auth.Keys(), context: .background()))
            isLoaded = state.withLock { state in
                let next = keys.without(state.revoked)
                state.loadedAt = .now
                state.refusesKeys = !state.keys.mayBecome(next)
                if !state.refusesKeys { state.use(next) }
                return !state.refusesKeys
            }
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

    /// - Throws: `unauthenticated`, `token-expired`; `service-unavailable` when a key is needed that cannot be had.
    func verify(_ text: String) async throws(ServiceError) -> VerifiedToken {
        guard text.utf8.count <= SignedToken.longest else { throw .unauthenticated }
        let hash = VerifiedTokens.hash(text)
        if let known = state.withLock({ $0.verified[hash] }) { return try requireAlive(known) }
        guard let token = SignedToken(text) else { throw .unauthenticated }
        let (isFormer, mustLoad) = state.withLock { state in
            guard !state.keys.ids.contains(token.keyID) else { return (false, false) }
            if state.former.contains(token.keyID) { return (true, false) }
            return (false, state.loadedAt.map { ContinuousClock.now - $0 > .seconds(1) } ?? true)
        }
        // Whether it signed this or not: nothing is granted, and a front end that refreshes gets a good one.
        if isFormer { throw Self.expired }
        // A key that cannot be had is no reason to call the token bad: a front end would take that for being signed
        // out.
        if mustLoad, !(await loadKeys()) { throw .unavailable }
        let (keys, isRefused) = state.withLock { ($0.keys, $0.refusesKeys && !$0.keys.ids.contains(token.keyID)) }
        // It may be signed by a key that we were told of and have not taken.
        if isRefused { throw .unavailable }
        guard keys.verify(token),
            let verified = VerifiedToken(
                payload: token.payload, keyID: token.keyID, parties: parties,
                issuedBefore: token.type == .plain ? plainUntil : nil)
        else { throw .unauthenticated }
        let alive = try requireAlive(verified)
        let isKept = state.withLock { state in
            // The key may have been revoked since the look above.
            guard state.keys.ids.contains(token.keyID) else { return false }
            state.verified.insert(alive, hash, now: now())
            return true
        }
        guard isKept else { throw Self.expired }
        return alive
    }

    private func requireAlive(_ token: VerifiedToken) throws(ServiceError) -> VerifiedToken {
        guard token.expiresAt > now() else { throw Self.expired }
        return token
    }

    private static let expired = ServiceError(.tokenExpired, "The access token has expired.")
}
