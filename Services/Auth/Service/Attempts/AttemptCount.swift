package import Primitives

/// What is known of the attempts on one thing: the row that is locked while it is decided about.
///
/// An attempt is counted as a wrong one before the password is looked at, and taken back when it was not. So those that
/// are made at the same moment, at whatever replica, cannot be more than the limit allows; and one whose process dies
/// stays counted.
package struct AttemptCount: Sendable, Equatable {
    /// The wrong ones, and those that are open.
    package var failures = 0
    /// Begun, and not ended yet.
    package var open = 0
    /// When the open ones are over, whatever became of them.
    package var openUntil: Timestamp
    package var since: Timestamp
    package var lastAt: Timestamp
    package var blockedUntil: Timestamp?

    /// Nothing was tried yet.
    package init(at now: Timestamp) {
        openUntil = now
        since = now
        lastAt = now
    }

    package init(
        failures: Int, open: Int, openUntil: Timestamp, since: Timestamp, lastAt: Timestamp, blockedUntil: Timestamp?
    ) {
        self.failures = failures
        self.open = open
        self.openUntil = openUntil
        self.since = since
        self.lastAt = lastAt
        self.blockedUntil = blockedUntil
    }

    /// Whether another attempt may be made.
    package enum Verdict: Sendable, Equatable {
        /// It was counted.
        case admitted
        /// So many are open that one more could be too many. They are over soon, and may have been right.
        case wait
        case refused(until: Timestamp)
    }

    /// What became of an attempt.
    package enum Outcome: Sendable {
        case wrong
        case right
        /// Nobody has learned anything by it.
        case undecided
    }

    /// - Parameter until: when the attempt is over, whatever becomes of it.
    package mutating func begin(_ limit: AttemptLimit, at now: Timestamp, until: Timestamp) -> Verdict {
        if openUntil <= now { open = 0 }
        if open == 0, isForgotten(limit, at: now) { self = AttemptCount(at: now) }
        if failures >= limit.allowed {
            if open > 0 { return .wait }
            if let blockedUntil, blockedUntil > now { return .refused(until: blockedUntil) }
        }
        failures += 1
        open += 1
        openUntil = max(openUntil, until)
        lastAt = now
        block(limit, at: now)
        return .admitted
    }

    package mutating func end(_ outcome: Outcome, _ limit: AttemptLimit, at now: Timestamp) {
        // One that was given up for lost stays counted.
        guard open > 0 else { return }
        open -= 1
        switch outcome {
        case .wrong:
            block(limit, at: now)
        case .right:
            failures = open
            blockedUntil = nil
        case .undecided:
            failures -= 1
            // Of those who have to wait one is let pass at a time: it was this one's block.
            blockedUntil = nil
        }
    }

    private mutating func block(_ limit: AttemptLimit, at now: Timestamp) {
        if failures >= limit.allowed { blockedUntil = now.advanced(bySeconds: limit.delay(after: failures)) }
    }

    private func isForgotten(_ limit: AttemptLimit, at now: Timestamp) -> Bool {
        failures >= limit.allowed
            ? lastAt.advanced(bySeconds: limit.memory) <= now : since.advanced(bySeconds: limit.window) <= now
    }
}
