import ArgumentParser
import AuthService
import Foundation

/// `auth totp remove --email …`
struct TOTPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "totp", abstract: "Second factors.", subcommands: [Remove.self])

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Turn off the second factor of somebody who has lost it, recovery codes and all.",
            discussion: "Be sure that it is they who ask: with their password alone anybody can sign in afterwards.")

        @Option(help: "The e-mail address of the account.")
        var email: String

        func run() async throws {
            try await AuthService.removeSecondFactor(email: email, configuration: try AuthCommand.settings())
            let line = "The second factor of \(email) is off.\n"
            try FileHandle.standardOutput.write(contentsOf: Data(line.utf8))
        }
    }
}
