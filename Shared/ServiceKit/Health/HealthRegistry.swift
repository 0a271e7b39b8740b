import Synchronization

/// What must be well for this process to take work.
package final class HealthRegistry: Sendable {
    /// `nil` when the part is well, else what is wrong in a few words that may be shown to anybody.
    package typealias Check = @Sendable () async -> String?

    private let checks = Mutex<[(part: String, check: Check)]>([])
    private let warnings = Mutex<[(part: String, check: Check)]>([])
    private let leaving = Mutex(false)

    /// Ready until a check is added that says otherwise.
    package init() {}

    /// Adds a part that must be well. The check runs each time somebody asks, one after another: it must answer soon.
    /// - Parameter part: its name in the answer of `/health/ready`.
    package func add(_ part: String, _ check: @escaping Check) {
        checks.withLock { $0.append((part, check)) }
    }

    /// What an operator should look at before it becomes a failure; the process stays ready.
    package func addWarning(_ part: String, _ check: @escaping Check) {
        warnings.withLock { $0.append((part, check)) }
    }

    /// From now on not ready: balancers look elsewhere while the process finishes what it has.
    package func beginLeaving() { leaving.withLock { $0 = true } }

    /// The parts that are not well, with what is wrong with each; empty when ready.
    package func failures() async -> [(part: String, reason: String)] {
        if leaving.withLock({ $0 }) { return [("process", "shutting down")] }
        return await Self.reasons(checks.withLock { $0 })
    }

    /// The parts that are well for now, with what is about to go wrong with each.
    package func warned() async -> [(part: String, reason: String)] { await Self.reasons(warnings.withLock { $0 }) }

    private static func reasons(_ checks: [(part: String, check: Check)]) async -> [(part: String, reason: String)] {
        var reasons: [(String, String)] = []
        for (part, check) in checks {
            if let reason = await check() { reasons.append((part, reason)) }
        }
        return reasons
    }
}
