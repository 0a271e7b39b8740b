import NIOCore
import Primitives

/// What is kept of one socket's life to judge it by.
///
/// How long something took is measured on the monotonic clock, which nobody sets: a wall clock that jumps would close
/// every socket at once, or none for hours. Only a token's expiry is a time of the calendar, looked at anew each time.
struct SocketVigil {
    /// What is to be done with a socket.
    enum Verdict: Equatable {
        case fine
        case expired
        case neverSignedIn
        case silent
        case ping
    }

    /// How long a socket may stay without signing in.
    static let signInTime = TimeAmount.seconds(10)
    static let pingInterval = TimeAmount.milliseconds(Int64(EngineIOPacket.pingInterval))
    /// How long a ping may stay unanswered.
    static let pingTimeout = TimeAmount.milliseconds(Int64(EngineIOPacket.pingTimeout))

    private let openedAt: NIODeadline
    private var lastHeard: NIODeadline
    private var pingedAt: NIODeadline?

    init(openedAt: NIODeadline) {
        self.openedAt = openedAt
        lastHeard = openedAt
    }

    /// Something came from the client.
    mutating func heard(at now: NIODeadline) { lastHeard = now }

    /// - Parameters:
    ///   - isSignedIn: and ready to be served.
    ///   - expiry: of the access token, if there is one.
    mutating func judge(isSignedIn: Bool, expiry: Timestamp?, now: NIODeadline, wall: Timestamp) -> Verdict {
        if let expiry, expiry <= wall { return .expired }
        if !isSignedIn, now - openedAt >= Self.signInTime { return .neverSignedIn }
        if let pingedAt, lastHeard < pingedAt, now - pingedAt >= Self.pingTimeout { return .silent }
        guard now - (pingedAt ?? openedAt) >= Self.pingInterval else { return .fine }
        pingedAt = now
        return .ping
    }
}
