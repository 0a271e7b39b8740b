import Logging
import Postgres
import ServiceLifecycle

/// Compares a service's facts with its neighbours', at start and periodically, and mends what events have not: for what
/// a message server
/// that lost its disk takes with it. One replica does it, the one that also sends the schema's events.
struct Reconciliation: Service {
    let outbox: Outbox
    let interval: Duration
    let logger: Logger
    /// Repeating it changes nothing.
    let reconcile: @Sendable () async throws -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if outbox.isLeading {
                    do {
                        try await reconcile()
                    } catch {
                        logger.warning("reconciliation not finished", metadata: ["error": "\(error)"])
                    }
                    try? await Task.sleep(for: interval)
                } else {
                    try? await Task.sleep(for: .seconds(1))
                }
            }
        }
    }
}
