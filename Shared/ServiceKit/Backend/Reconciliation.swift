import Logging
import Postgres
package import Primitives
import ServiceLifecycle
import Threads

/// Compares a service's facts with its neighbours', at start and periodically, and mends what events have not: for what
/// a message server that lost its disk takes with it, or dropped because it was full. One replica does it, by a lease
/// of its own: the work is long, and must not end with the sending of events nor hold that up.
package struct Reconciliation: Service {
    let database: Database
    let lease: Lease
    let interval: Duration
    let logger: Logger
    /// Asks for a comparison before the interval is over.
    let requests: ReconciliationRequests
    /// One for each neighbour, so that one that is away does not keep the others from being compared. Repeating them
    /// changes nothing.
    let comparisons: [@Sendable () async throws -> Void]

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await database.withLease(lease) { _ in try await lead() }
                } catch {
                    if Task.isCancelled { return }
                    logger.info("reconciliation interrupted", metadata: ["error": "\(error)"])
                }
                try? await Pause.sleep(for: .milliseconds(Int.random(in: 500...1500)))
            }
        }
    }

    /// Whether what happened at `time` by some clock has had its few seconds to be told by an event, before somebody
    /// else does that event's work. What a clock that is ahead puts into the future is not waited for.
    package static func isDue(_ time: Timestamp, now: Timestamp = .now()) -> Bool {
        abs(now.milliseconds - time.milliseconds) > 5000
    }

    private func lead() async throws {
        while true {
            for compare in comparisons {
                do {
                    try await compare()
                } catch {
                    try Task.checkCancellation()
                    logger.warning("reconciliation not finished", metadata: ["error": "\(error)"])
                }
            }
            await requests.wait(upTo: interval)
            try Task.checkCancellation()
        }
    }
}
