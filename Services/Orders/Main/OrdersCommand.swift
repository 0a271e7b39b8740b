import ArgumentParser
import OrdersService
import ServiceKit

/// `orders`: serves and migrates.
@main
struct OrdersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orders", abstract: "Orderline's orders service.", subcommands: [Serve.self, Migrate.self],
        defaultSubcommand: Serve.self)

    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring the schema up to date and serve until told to stop.")

        func run() async {
            await ServiceProcess.run { try await OrdersCommand.service().run() }
        }
    }

    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Bring the schema up to date and end.")

        func run() async {
            await ServiceProcess.run { try await OrdersCommand.service().migrate() }
        }
    }

    private static func service() async throws -> OrdersService {
        try OrdersService(configuration: OrdersConfiguration(reader: try Settings.environment()))
    }
}
