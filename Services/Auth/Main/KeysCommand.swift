import ArgumentParser
import AuthService
import Foundation

/// `auth keys rotate`, `auth keys revoke KID`
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "The keys that sign access tokens.", subcommands: [Rotate.self, Revoke.self])

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a new signing key.",
            discussion: "Running services take it up within seconds; tokens signed with the former key stay good.")

        func run() async throws {
            let kid = try await AuthService.rotateKeys(configuration: try AuthCommand.settings())
            try FileHandle.standardOutput.write(contentsOf: Data("The signing key is now \(kid).\n".utf8))
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a signing key good for nothing, because somebody else may have it.",
            discussion: """
                Within seconds gateways refuse every access token signed with it and close their sockets. If it is the \
                key that signs, a new one is made. Clients refresh and come again; refresh tokens stay good.
                """)

        // Names begin with a hyphen now and then, and are no options.
        @Argument(
            parsing: .captureForPassthrough,
            help: ArgumentHelp(
                "The key's kid, as in /.well-known/jwks.json and in the header of tokens.", valueName: "kid"))
        var names: [String]

        func run() async throws {
            guard names != ["-h"], names != ["--help"] else { throw CleanExit.helpRequest(self) }
            guard names.count == 1, let kid = names.first else { throw ValidationError("Name one key.") }
            let signing = try await AuthService.revokeKey(kid, configuration: try AuthCommand.settings())
            let line = "The key \(kid) is revoked. The signing key is \(signing).\n"
            try FileHandle.standardOutput.write(contentsOf: Data(line.utf8))
        }
    }
}
