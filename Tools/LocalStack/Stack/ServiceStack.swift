internal import Foundation

/// The whole system: PostgreSQL, NATS, and any number of each service.
package struct ServiceStack: Sendable {
    /// Made by `postgres-init.sql`.
    private static let database = "orderline"

    private let options: StackOptions
    private let data: DataDirectory

    /// - Throws: `StackError` when the data directory cannot be made or a wanted port is out of range.
    package init(_ options: StackOptions) throws {
        guard Int(options.port) + options.gateways - 1 <= Int(UInt16.max) else {
            throw StackError("\(options.gateways) gateways do not fit from port \(options.port) upward.")
        }
        self.options = options
        data = try DataDirectory(making: options.data)
    }

    /// Runs until asked to stop.
    ///
    /// - Throws: `StackError` when not everything became ready; then nothing is left running.
    package func run(stop: StopRequest, ready: () async -> Void) async throws {
        let console = Console(quiet: false)
        let begun = ContinuousClock.now
        try await StackRun(data: data, console: console, stop: stop).run(
            start: { run in try await start(run) },
            ready: {
                let example = await example(console, stop)
                console.step("Ready", since: begun)
                console.line(welcome(example))
                await ready()
            })
    }

    private func start(_ run: StackRun) async throws {
        try checkPorts()
        let configuration = options.deploy + "/nats-server.conf"
        let backing = try await Backing.make(
            for: run, caller: options.caller, database: Self.database, connections: options.databaseConnections
        ) { secrets in
            let passwords = ServiceKind.allCases.map { ($0.natsPasswordVariable, secrets.natsPassword($0)) }
            return (configuration, Dictionary(uniqueKeysWithValues: passwords))
        }
        let script = options.deploy + "/postgres-init.sql"
        try await backing.start { postgres in
            let begun = ContinuousClock.now
            try await postgres.prepareDatabase(script: script, secrets: backing.secrets)
            run.console.step("Database, roles and schemas", since: begun)
        }
        let environment = ServiceEnvironment(
            caller: options.caller, settings: options.settings, secrets: backing.secrets, data: data.path,
            postgresPort: backing.postgres.port, natsPort: backing.nats.port)
        let launch = await ServiceLaunch(options: options, data: data, environment: environment, run: run)
        let processes = try launch.processes(avoiding: [
            backing.postgres.port, backing.nats.port, backing.nats.monitorPort,
        ])
        try await launch.migrate()
        await launch.record(processes)
        try await launch.start(processes)
    }

    /// - Throws: `StackError` when a gateway's port is taken.
    private func checkPorts() throws {
        let host = options.caller["HOST"] ?? "127.0.0.1"
        let isAddress = host.split(separator: ".").count == 4 && host.allSatisfy { $0.isNumber || $0 == "." }
        for index in 0..<options.gateways {
            let port = options.port + UInt16(index)
            guard FreePorts.isFree(port, host: isAddress ? host : "0.0.0.0") else {
                throw StackError(
                    "Port \(port) is in use. Choose another one with --port,"
                        + " or stop what listens there (ss -ltnp 'sport = :\(port)')."
                )
            }
        }
    }

    private var admin: AdminSignIn {
        let secrets = Secrets((try? SecretsFile(path: data.secrets).read(hasData: false)) ?? [:])
        return AdminSignIn(secrets: secrets, caller: options.caller)
    }

    /// The system is there without an example too.
    ///
    /// - Returns: how to sign in as the example's customer; `nil` when there is none.
    private func example(_ console: Console, _ stop: StopRequest) async -> String? {
        guard options.hasExample else { return nil }
        let begun = ContinuousClock.now
        do {
            let signIn = try await ExampleCustomer(options: options, data: data).make(admin: admin, stop: stop)
            console.step("Example customer", since: begun)
            return signIn
        } catch {
            console.failure("The example could not be made: \(error)")
            return nil
        }
    }

    private func welcome(_ example: String?) -> String {
        Welcome(
            gateways: (0..<options.gateways).map { options.gatewayURL($0) }, signIn: admin, example: example,
            hasConsole: options.caller["CONSOLE_ENABLED"] != "false", data: data.path
        ).text
    }
}
