internal import ArgumentParser
internal import Foundation
internal import LocalStack
internal import Logs

/// `localstack`: what `bin/up` and `bin/down` run.
@main
struct LocalStackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "localstack",
        abstract: "Runs Orderline, or only what it stands on, on this machine.",
        subcommands: [UpCommand.self, BackingCommand.self])
}

/// What both commands take.
struct StackArguments: ParsableArguments {
    @Option(help: "Directory for databases, secrets and logs; made when there is none.")
    var data = ".local"

    @Flag(help: "Return once everything is ready; the processes go on.")
    var detach = false

    @Flag(help: .hidden)
    var announceReady = false

    /// Runs the stack here or, when it is to be detached, lets a copy of this program do so in the background.
    func run(_ body: (StopRequest, () async -> Void) async throws -> Void) async throws {
        Descriptor.ignoreBrokenPipes()
        // What is written by anything that is started here is nobody else's.
        umask(0o077)
        let stop = StopRequest()
        stop.listen()
        do {
            if detach {
                let arguments = CommandLine.arguments.dropFirst().filter { $0 != "--detach" }
                try await DetachedStart(data: data, arguments: arguments + ["--announce-ready"]).run(stop: stop)
            } else {
                if announceReady { DetachedStart.keepDescriptor() }
                try await body(stop) { if announceReady { DetachedStart.announceReady() } }
            }
        } catch let error as StackError {
            LineWriter.standard.write("\n\(error)\n")
            throw ExitCode.failure
        }
    }
}
