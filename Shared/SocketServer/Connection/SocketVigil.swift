import NIOCore

/// What is kept of one socket's life to judge it by, on the monotonic clock, which nobody sets: a wall clock that jumps
/// would close every socket at once, or none for hours.
struct SocketVigil {
    /// What is to be done with a socket.
    enum Verdict: Equatable {
        case fine
        /// It has not said who it is, and its time to do so is over.
        case overstayed
        /// It does not answer.
        case silent
        case ping
    }

    private let openedAt: NIODeadline
    private var lastHeard: NIODeadline
    private var pingedAt: NIODeadline?

    init(openedAt: NIODeadline) {
        self.openedAt = openedAt
        lastHeard = openedAt
    }

    /// Something came from the client.
    mutating func heard(at now: NIODeadline) { lastHeard = now }

    /// - Parameter isWelcome: whether it has said who it is.
    mutating func judge(_ settings: SocketSettings, isWelcome: Bool, now: NIODeadline) -> Verdict {
        if !isWelcome, now - openedAt >= settings.connectTimeout { return .overstayed }
        if isSilent(settings, at: now) { return .silent }
        let due = (pingedAt ?? openedAt) + settings.pingInterval
        guard now >= due else { return .fine }
        // By the moment at which it was due, so that sweeps do not add up, nor a busy machine's delays, up to a quarter
        // of the time for an answer; after a standstill of this process by now, as nobody could answer what was not
        // asked.
        let delay = max(settings.sweepInterval * 2, .nanoseconds(settings.pingTimeout.nanoseconds / 4))
        pingedAt = now - due < delay ? due : now
        return .ping
    }

    /// Whether the last ping has stayed unanswered for too long.
    func isSilent(_ settings: SocketSettings, at now: NIODeadline) -> Bool {
        pingedAt.map { lastHeard < $0 && now - $0 >= settings.pingTimeout } ?? false
    }
}
