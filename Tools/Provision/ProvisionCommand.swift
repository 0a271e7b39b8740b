import ArgumentParser
import NATSTransport
import ServiceKit

/// `provision`: makes the stream and its consumers, once or with `--watch` for good.
@main
struct ProvisionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provision", abstract: "Make Orderline's event stream and its durable consumers.",
        discussion: "Ends when they are there, and fails when that takes longer than 30 s.")

    @Flag(help: "Stay, answer on the operator port, and make again within 2 s what the server has lost.")
    var watch = false

    func run() async {
        await ServiceProcess.run {
            let configuration = try ProvisionConfiguration(reader: try Settings.environment())
            let runtime = Runtime(name: "provision", configuration: configuration.runtime)
            let transport = NATSTransport(configuration: configuration.nats, logger: runtime.logger)
            let provisioner = Provisioner(transport: transport, definition: configuration.stream)
            if watch {
                try await ProvisionWatch(provisioner: provisioner, transport: transport, runtime: runtime).run()
            } else {
                try await ProvisionOnce(provisioner: provisioner, transport: transport, logger: runtime.logger).run()
            }
        }
    }
}
