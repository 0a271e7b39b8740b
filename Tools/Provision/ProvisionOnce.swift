import Logging
import Messaging
import NATSTransport
import ServiceLifecycle
import UnixSignals

/// Provisions and ends. A server that is not there yet is waited for, but not for ever: whoever started this waits,
/// too.
struct ProvisionOnce: Service {
    static let limit: Duration = .seconds(30)

    let provisioner: Provisioner
    let transport: NATSTransport
    let logger: Logger

    /// - Throws: what the last try failed by.
    func run() async throws {
        let work = Work(provisioner: provisioner, logger: logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: transport),
                    .init(
                        service: work, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }

    private struct Work: Service {
        let provisioner: Provisioner
        let logger: Logger

        func run() async throws {
            try await cancelWhenGracefulShutdown {
                let deadline = ContinuousClock.now.advanced(by: ProvisionOnce.limit)
                try await provisioner.provision(logger: logger) { ContinuousClock.now < deadline }
            }
        }
    }
}

extension Provisioner {
    /// Provisions, and tries again as long as `goesOn` says so.
    /// - Throws: what the last try failed by.
    func provision(logger: Logger, while goesOn: () -> Bool) async throws {
        var told: TransportError?
        while !Task.isCancelled {
            do throws(TransportError) {
                try await provision()
                return logger.info("event stream and consumers are there")
            } catch {
                guard goesOn() else { throw error }
                if case .failed = error, error != told {
                    // The server is there and refuses: nothing that waiting alone helps.
                    logger.warning("event stream or consumers cannot be made", metadata: ["error": "\(error)"])
                    told = error
                } else {
                    logger.debug("not yet", metadata: ["error": "\(error)"])
                }
            }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }
}
