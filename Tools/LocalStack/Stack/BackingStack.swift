internal import Foundation

/// Only PostgreSQL and a NATS server without passwords: what tests of the services need.
package struct BackingStack: Sendable {
    private let data: DataDirectory
    private let caller: [String: String]

    /// - Throws: `StackError` when the data directory cannot be made.
    package init(data path: String, caller: [String: String]) throws {
        data = try DataDirectory(making: path)
        self.caller = caller
    }

    /// Runs until asked to stop; writes nothing but failures, and `run.json` once both are ready.
    package func run(stop: StopRequest, ready: () async -> Void) async throws {
        try await StackRun(data: data, console: Console(quiet: true), stop: stop).run(
            start: { run in
                let backing = try await Backing.make(
                    for: run, caller: caller, database: "postgres", connections: 200,
                    natsConfiguration: { _ in (try NATSServer.permissiveConfiguration(in: data), [:]) })
                try await backing.start { _ in }
            },
            ready: ready)
    }
}
