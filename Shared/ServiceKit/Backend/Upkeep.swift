package import Logging
package import Persistence
package import Postgres
import Primitives
import ServiceLifecycle
import Threads

/// Takes away once an hour what a schema does not keep any longer. Every replica does; they do not get in each other's
/// way.
package struct Upkeep: Service {
    private let database: Database
    private let expiries: [Expiry]
    private let logger: Logger
    private let interval: Duration
    private let first: Duration

    /// - Parameter first: when it is looked first; replicas that start at once should not all look at once.
    package init(
        database: Database, expiries: [Expiry], logger: Logger, interval: Duration = .seconds(3600),
        first: Duration = .seconds(Int.random(in: 30...300))
    ) {
        self.database = database
        self.expiries = expiries
        self.logger = logger
        self.interval = interval
        self.first = first
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var pause = first
            while true {
                try? await Pause.sleep(for: pause)
                guard !Task.isCancelled else { return }
                await sweep()
                pause = interval
            }
        }
    }

    /// One that fails does not keep the others from being done, and is done again an hour later.
    private func sweep() async {
        for expiry in expiries {
            do {
                let count = try await expiry.apply(to: database, now: .now())
                guard count > 0 else { continue }
                logger.info("old rows deleted", metadata: ["what": "\(expiry.what)", "rows": "\(count)"])
            } catch {
                if Task.isCancelled { return }
                logger.warning("old rows not deleted", metadata: ["what": "\(expiry.what)", "error": "\(error)"])
            }
        }
    }
}
