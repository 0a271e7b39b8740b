import Glibc
import Logging
import Logs
import NATSTransport
import ServiceKit
import ServiceLifecycle
import UnixSignals

/// `provision` makes the event stream and its durable consumers and ends, waiting up to 30 s for the server. `provision
/// --watch` stays, looks every 2 s whether they are there, and makes them again when the server has lost them.
///
/// Settings: `ProvisionConfiguration`.
@main
struct Provision {
    static func main() async {
        Descriptor.ignoreBrokenPipes()
        let logger = logger()
        let configuration: ProvisionConfiguration
        do {
            configuration = try ProvisionConfiguration(reader: try await Settings.environment())
        } catch {
            logger.critical("cannot start", metadata: ["error": "\(error)"])
            exit(1)
        }
        let transport = NATSTransport(configuration: configuration.nats, logger: logger)
        let work = ProvisioningService(
            provisioner: Provisioner(transport: transport, definition: configuration.stream),
            stays: CommandLine.arguments.contains("--watch"), logger: logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: transport),
                    .init(
                        service: work, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        do {
            try await group.run()
        } catch {
            logger.error("provisioning failed", metadata: ["error": "\(error)"])
            exit(1)
        }
    }

    private static func logger() -> Logger {
        let own = LineLogHandler(label: "provision", level: .info, format: .text)
        LineWriter.standard.sayLosses { own.lossNotice($0) }
        LoggingSystem.bootstrap { LineLogHandler(label: $0, level: .info, format: .text) }
        return Logger(label: "provision")
    }
}
