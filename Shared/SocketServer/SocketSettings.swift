package import NIOCore

/// What a server decides for its sockets.
package struct SocketSettings: Sendable {
    /// Between two pings of the server, at most; Engine.IO tells its clients.
    package var pingInterval = TimeAmount.seconds(25)
    /// How long a ping may stay unanswered.
    package var pingTimeout = TimeAmount.seconds(20)
    /// How long a socket may stay that has not said who it is.
    package var connectTimeout = TimeAmount.seconds(10)
    /// How long the change of a polling session to a WebSocket may take.
    package var upgradeTimeout = TimeAmount.seconds(10)
    /// The largest message, and the largest body of a POST, in bytes; the fragments of a message count together.
    package var maximumPayload = 64 * 1024
    /// Whether a plain WebSocket may send binary messages; those of Engine.IO may in any case.
    package var acceptsBinary = false
    /// Bytes not yet taken by a reader at which it counts as too slow and is closed with 1013.
    package var unreadLimit = 4 * 1024 * 1024
    /// How many messages a socket may send, and how many control frames beside them; `nil`: as many as it likes.
    package var budget: TokenBucket.Rate?

    package init() {}

    /// How often sockets are looked at: often enough to keep the times above to within a twentieth.
    package var sweepInterval: TimeAmount {
        min(.seconds(1), .nanoseconds(min(pingInterval, pingTimeout, connectTimeout).nanoseconds / 20))
    }
}

/// A budget that refills as time passes: bursts of a tenth of what a period allows.
package struct TokenBucket: Sendable {
    /// So many in such a time.
    package struct Rate: Sendable, Equatable {
        package var count: Int
        package var period: TimeAmount

        package init(count: Int, period: TimeAmount) {
            self.count = count
            self.period = period
        }

        var burst: Double { max(1, Double(count) / 10) }
    }

    private let rate: Rate
    private var tokens: Double
    private var refilledAt: NIODeadline

    /// Begins full.
    package init(_ rate: Rate, at now: NIODeadline) {
        self.rate = rate
        tokens = rate.burst
        refilledAt = now
    }

    /// Takes one out.
    /// - Returns: whether there was one.
    package mutating func take(at now: NIODeadline) -> Bool {
        let passed = Double((now - refilledAt).nanoseconds) / Double(rate.period.nanoseconds)
        tokens = min(rate.burst, tokens + passed * Double(rate.count))
        refilledAt = now
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
