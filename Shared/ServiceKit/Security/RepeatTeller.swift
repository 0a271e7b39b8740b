import ServiceLifecycle
import Threads

/// Tells each minute, and at the end, how often refusals were repeated whose lines were left out.
struct RepeatTeller: Service {
    let security: SecurityLog
    var interval: Duration = .seconds(60)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Pause.sleep(for: interval)
                security.tellRepeats()
            }
        }
    }
}
