import Contracts
import Messaging
import Primitives
import Synchronization

/// What auth has said about sessions and accounts since access tokens that are still alive were issued.
///
/// Entries are kept for the life of an access token and a minute; at start and after a gap the whole list is fetched
/// anew.
final class Revocations: Sendable {
    /// What was told, and when it was: on the monotonic clock, so that a wall clock that jumps makes nothing forgotten.
    private struct Told<Fact> {
        var fact: Fact
        var at: ContinuousClock.Instant
    }

    private struct State {
        var sessions: [Identifier: ContinuousClock.Instant] = [:]
        var users: [Identifier: Told<Auth.UserChanged>] = [:]
        var lastSweep: ContinuousClock.Instant
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> ContinuousClock.Instant
    /// The longest life of an access token that a service may have set: a day and a minute.
    static let lifetime = Duration.seconds(86_400 + 60)

    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.now = now
        state = Mutex(State(lastSweep: now()))
    }

    /// What is remembered.
    var count: Int { state.withLock { $0.sessions.count + $0.users.count } }

    /// Whether a token of `caller` may still be used.
    /// - Throws: `unauthenticated` for an ended session and for a disabled account, `token-expired` when the role has
    ///   changed: refreshing brings the new one.
    func require(_ caller: Caller) throws(ServiceError) {
        switch end(of: caller) {
        case nil: return
        case .disabled: throw ServiceError(.unauthenticated, "The account is disabled.")
        case .roleChanged:
            throw ServiceError(.tokenExpired, "The account's role has changed: refresh the access token.")
        default: throw ServiceError(.unauthenticated, "The session has ended.")
        }
    }

    /// Why the sockets of `caller` must be closed; `nil` when its session stands as its token says.
    func end(of caller: Caller) -> SessionEndReason? {
        let (ended, user) = state.withLock { ($0.sessions[caller.sessionID] != nil, $0.users[caller.userID]?.fact) }
        guard let user else { return ended ? .revoked : nil }
        if user.disabled { return .disabled }
        if ended || user.endedSessions?.contain(caller.sessionID) ?? false { return .revoked }
        return user.role == caller.role ? nil : .roleChanged
    }

    func end(session: Identifier) {
        state.withLock { state in
            let now = now()
            state.sessions[session] = now
            sweep(&state, now)
        }
    }

    /// - Returns: `false` for a telling that is older than one already known, or says nothing else.
    @discardableResult
    func note(_ change: Auth.UserChanged) -> Bool {
        state.withLock { state in
            let known = state.users[change.userID]?.fact
            var fact = change
            if let known, known.version >= change.version { fact = known }
            // Of its own kind: an auth process of the version before tells later versions without it.
            fact.endedSessions = .later(known?.endedSessions, change.endedSessions)
            guard fact != known else { return false }
            let now = now()
            state.users[change.userID] = Told(fact: fact, at: now)
            sweep(&state, now)
            return true
        }
    }

    /// Takes auth's list; what is known already stays.
    func merge(_ list: RevocationList) {
        for session in list.sessions { end(session: session) }
        for user in list.users { note(user) }
    }

    private func sweep(_ state: inout State, _ now: ContinuousClock.Instant) {
        guard now - state.lastSweep > .seconds(60) else { return }
        state.lastSweep = now
        let oldest = now - Self.lifetime
        state.sessions = state.sessions.filter { $0.value > oldest }
        state.users = state.users.filter { $0.value.at > oldest }
    }
}
