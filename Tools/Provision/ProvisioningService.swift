import Logging
import Messaging
import NATSTransport
import ServiceLifecycle

/// Provisions once, waiting for the server, and then ends or watches.
struct ProvisioningService: Service {
    let provisioner: Provisioner
    let stays: Bool
    let logger: Logger

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await provisionOnce()
            if stays { try await watch() }
        }
    }

    private func provisionOnce() async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(30))
        while !Task.isCancelled {
            do throws(TransportError) {
                try await provisioner.provision()
                return logger.info("event stream and consumers are there")
            } catch {
                // One that stays waits for as long as it takes.
                if !stays, ContinuousClock.now >= deadline { throw error }
                logger.debug("not yet", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    private func watch() async throws {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(2))
            do throws(TransportError) {
                if try await provisioner.repair() {
                    logger.warning("event stream or consumers were missing: made again")
                }
            } catch {
                logger.debug("cannot look", metadata: ["error": "\(error)"])
            }
        }
    }
}
