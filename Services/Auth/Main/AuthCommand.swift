import ArgumentParser
import AuthService
import ServiceKit

/// `auth`: serves, migrates, makes Admins and keys, takes lost second factors away.
@main
struct AuthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auth", abstract: "Orderline's auth service.",
        subcommands: [Serve.self, Migrate.self, AdminCommand.self, KeysCommand.self, TOTPCommand.self],
        defaultSubcommand: Serve.self)

    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring the schema up to date and serve until told to stop.")

        func run() async {
            await ServiceProcess.run { try await AuthService(configuration: try AuthCommand.settings()).run() }
        }
    }

    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Bring the schema up to date and end.")

        func run() async {
            await ServiceProcess.run {
                try await AuthService(configuration: try AuthCommand.settings()).migrate()
            }
        }
    }

    static func settings() throws -> AuthConfiguration {
        try AuthConfiguration(reader: try Settings.environment())
    }
}
