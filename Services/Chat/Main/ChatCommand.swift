import ArgumentParser
import ChatService
import ServiceKit

/// `chat`: serves and migrates.
@main
struct ChatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat", abstract: "Orderline's chat service.", subcommands: [Serve.self, Migrate.self],
        defaultSubcommand: Serve.self)

    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring the schema up to date and serve until told to stop.")

        func run() async {
            await ServiceProcess.run { try await ChatCommand.service().run() }
        }
    }

    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Bring the schema up to date and end.")

        func run() async {
            await ServiceProcess.run { try await ChatCommand.service().migrate() }
        }
    }

    private static func service() async throws -> ChatService {
        try ChatService(configuration: ChatConfiguration(reader: try Settings.environment()))
    }
}
