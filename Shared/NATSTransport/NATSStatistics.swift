import Primitives
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
    /// Times the stream was found to have dropped events that may not have been taken.
    package var missedEvents = 0
    /// The stream as it was looked at last; `nil` before.
    package var stream: StreamUse?
}

/// How full the event stream is.
package struct StreamUse: Sendable, Equatable {
    /// Of the stream's events on disk.
    package var bytes: Int
    /// At this size the oldest events are dropped before their time.
    package var maximumBytes: Int

    /// The share of its bound that it takes, from 0 to 1.
    package var share: Double { maximumBytes > 0 ? Double(bytes) / Double(maximumBytes) : 0 }
}

extension StreamUse {
    init?(info: JSON) {
        guard let bytes = info["state"]["bytes"].integer, let maximum = info["config"]["max_bytes"].integer else {
            return nil
        }
        self.init(bytes: bytes, maximumBytes: maximum)
    }
}

/// The counters behind `NATSStatistics`; incremented from any thread.
final class NATSCounters: Sendable {
    let connections = Atomic<Int>(0)
    let slowConsumers = Atomic<Int>(0)
    let permissionViolations = Atomic<Int>(0)
    let errors = Atomic<Int>(0)
    let refusals = Atomic<Int>(0)
    let lostAnswers = Atomic<Int>(0)
    let missedEvents = Atomic<Int>(0)
    private let stream = Mutex<StreamUse?>(nil)

    func note(_ use: StreamUse?) { stream.withLock { $0 = use ?? $0 } }

    func statistics(outstandingRequests: Int) -> NATSStatistics {
        NATSStatistics(
            outstandingRequests: outstandingRequests, reconnects: max(0, connections.load(ordering: .relaxed) - 1),
            slowConsumers: slowConsumers.load(ordering: .relaxed),
            permissionViolations: permissionViolations.load(ordering: .relaxed),
            errors: errors.load(ordering: .relaxed), refusals: refusals.load(ordering: .relaxed),
            lostAnswers: lostAnswers.load(ordering: .relaxed),
            missedEvents: missedEvents.load(ordering: .relaxed), stream: stream.withLock { $0 })
    }
}

extension Atomic where Value == Int {
    func increment() { wrappingAdd(1, ordering: .relaxed) }
}
