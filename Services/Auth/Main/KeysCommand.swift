import ArgumentParser
import AuthService
import Foundation

/// `auth keys rotate`
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "The keys that sign access tokens.", subcommands: [Rotate.self])

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a new signing key.",
            discussion: "Running services take it up within a minute; tokens signed with the former key stay good.")

        func run() async throws {
            let kid = try await AuthService.rotateKeys(configuration: try AuthCommand.settings())
            try FileHandle.standardOutput.write(contentsOf: Data("The signing key is now \(kid).\n".utf8))
        }
    }
}
