import Logging
import ServiceLifecycle
import Threads

/// Looks every few seconds whether another key signs by now, so that a rotation needs no restart. What is signed with a
/// revoked key meanwhile, gateways refuse as expired.
struct KeyReload: Service {
    let keys: KeyRing
    let logger: Logger
    var interval: Duration = .seconds(5)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Pause.sleep(for: interval)
                guard !Task.isCancelled else { return }
                do {
                    try await keys.reload()
                } catch {
                    // The key in use stays good; the next turn tries again.
                    logger.warning("signing keys not reloaded", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
