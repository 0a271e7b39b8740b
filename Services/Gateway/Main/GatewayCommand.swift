import ArgumentParser
import GatewayService
import ServiceKit

/// `gateway`: serves, and writes down what it serves.
@main
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway", abstract: "Orderline's gateway.", subcommands: [Serve.self, Contract.self],
        defaultSubcommand: Serve.self)

    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Serve HTTP and sockets until told to stop.")

        func run() async {
            await ServiceProcess.run {
                let configuration = try GatewayConfiguration(
                    reader: try Settings.environment(), descriptors: DescriptorLimit.raised())
                try await GatewayService(configuration: configuration).run()
            }
        }
    }
}
