import ArgumentParser
import AuthService
import Contracts
import Foundation

/// `auth admin create --email … --name …`
struct AdminCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin", abstract: "Admin accounts.", subcommands: [Create.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an Admin account.",
            discussion: "The password is asked for on a terminal; otherwise it is the first line of standard input.")

        @Option(help: "The e-mail address to sign in with.")
        var email: String

        @Option(help: "The name shown to others.")
        var name = "Admin"

        func run() async throws {
            let settings = try AuthCommand.settings()
            let password = try PasswordPrompt.read()
            let admin: NewAdmin
            do {
                admin = try NewAdmin(name: name, email: email, password: password)
            } catch {
                throw CommandFailure(error)
            }
            let user = try await AuthService.createAdmin(admin, configuration: settings)
            let line = "Made the Admin \(user.name) <\(email)> with the id \(user.id).\n"
            try FileHandle.standardOutput.write(contentsOf: Data(line.utf8))
        }
    }
}
