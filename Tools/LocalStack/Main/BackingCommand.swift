internal import ArgumentParser
internal import Foundation
internal import LocalStack

/// `localstack backing`: PostgreSQL and NATS alone, for tests.
struct BackingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backing",
        abstract: "Runs only PostgreSQL and a NATS server without passwords, for tests; says nothing but failures.")

    @OptionGroup var stack: StackArguments

    func run() async throws {
        try await stack.run { stop, ready in
            try await BackingStack(data: stack.data, caller: ProcessInfo.processInfo.environment)
                .run(stop: stop, ready: ready)
        }
    }
}
