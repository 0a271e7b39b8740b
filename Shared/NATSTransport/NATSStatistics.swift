import Synchronization

/// Counts for the metrics page. All but `outstandingRequests` only grow.
package struct NATSStatistics: Sendable, Equatable {
    /// Requests awaiting their answer now.
    package var outstandingRequests = 0
    /// Connections made after the first.
    package var reconnects = 0
    /// Times the library dropped messages because a handler was too slow.
    package var slowConsumers = 0
    /// Publishes and subscriptions the server refused by its permissions.
    package var permissionViolations = 0
    /// Other errors the library reported out of line.
    package var errors = 0
    /// Requests refused because the limit of `serve` was reached.
    package var refusals = 0
    /// Answers that could not be sent: the link was down, or they were too large.
    package var lostAnswers = 0
}

/// The counters behind `NATSStatistics`; incremented from any thread.
final class NATSCounters: Sendable {
    let connections = Atomic<Int>(0)
    let slowConsumers = Atomic<Int>(0)
    let permissionViolations = Atomic<Int>(0)
    let errors = Atomic<Int>(0)
    let refusals = Atomic<Int>(0)
    let lostAnswers = Atomic<Int>(0)

    func statistics(outstandingRequests: Int) -> NATSStatistics {
        NATSStatistics(
            outstandingRequests: outstandingRequests, reconnects: max(0, connections.load(ordering: .relaxed) - 1),
            slowConsumers: slowConsumers.load(ordering: .relaxed),
            permissionViolations: permissionViolations.load(ordering: .relaxed),
            errors: errors.load(ordering: .relaxed), refusals: refusals.load(ordering: .relaxed),
            lostAnswers: lostAnswers.load(ordering: .relaxed))
    }
}

extension Atomic where Value == Int {
    func increment() { wrappingAdd(1, ordering: .relaxed) }
}
