import Glibc
import Logging
import Logs
import NATSTransport
import ServiceLifecycle
import UnixSignals

/// `provision` makes the event stream and its durable consumers and ends, waiting up to 30 s for the server. `provision
/// --watch` stays, looks every 2 s whether they are there, and makes them again when the server has lost them.
///
/// Environment: `NATS_URL` (`nats://127.0.0.1:4222`), `NATS_PROVISION_PASSWORD` (of user `provision`; without it no
/// user is named), `NATS_REPLICAS` (1), `EVENTS_MAX_AGE` (`6h`), `EVENTS_MAX_BYTES` (1073741824).
@main
struct Provision {
    static func main() async {
        Descriptor.ignoreBrokenPipes()
        let logger = logger()
        let password = environment("NATS_PROVISION_PASSWORD")
        let transport = NATSTransport(
            configuration: NATSConfiguration(
                url: environment("NATS_URL") ?? "nats://127.0.0.1:4222", user: password.map { _ in "provision" },
                password: password, name: "provision", inboxPrefix: "_INBOX.provision"),
            logger: logger)
        let replicas = environment("NATS_REPLICAS").flatMap { Int($0) } ?? 1
        let work = ProvisioningService(
            provisioner: Provisioner(transport: transport, definition: StreamDefinition(replicas: replicas)),
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

    /// The value of an environment variable; `nil` also when it is empty, as compose files leave them.
    private static func environment(_ name: String) -> String? {
        guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
        return value
    }
}
