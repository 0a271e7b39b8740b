internal import Foundation

extension Backing {
    /// Finds the programs, chooses the ports, and makes the secrets and the cluster where there are none.
    ///
    /// - Parameters:
    ///   - database: the one that `run.json` names.
    ///   - connections: the most that PostgreSQL takes at once.
    ///   - natsConfiguration: path of the NATS configuration, and the variables it reads.
    /// - Throws: `StackError`.
    static func make(
        for run: StackRun, caller: [String: String], database: String, connections: Int,
        natsConfiguration: (Secrets) throws -> (path: String, variables: [String: String])
    ) async throws -> Backing {
        let data = run.data
        let cluster = try await PostgresCluster.locate(in: data)
        let secrets = try Secrets.load(from: data.secrets, hasData: cluster.exists, caller: caller) { text in
            run.console.failure(text)
        }
        let binaries = try PostgresBinaries.find(for: cluster.directory)
        let natsExecutable = try NATSServer.find(path: caller["PATH"] ?? "")
        let environment = ServiceEnvironment.base(caller: caller, data: data.path)
        for name in ["postgres", "nats", "initdb", "postgres-init"] {
            LogFile(path: data.log(of: name)).rotateIfLarge()
        }
        if !cluster.exists {
            let begun = ContinuousClock.now
            try await cluster.make(
                binaries, password: secrets.superuserPassword, data: data, environment: environment)
            run.console.step("PostgreSQL's files made in \(data.cluster)", since: begun)
        }
        try run.stop.check()
        let ports = try FreePorts.choose(3, avoiding: [])
        let postgres = PostgresServer(
            cluster: cluster, binaries: binaries, port: ports[0], password: secrets.superuserPassword,
            connections: connections, data: data, environment: environment)
        let configuration = try natsConfiguration(secrets)
        let user = try await NATSServer.account(
            executable: natsExecutable, configuration: configuration.path, data: data, console: run.console)
        let nats = NATSServer(
            executable: natsExecutable, port: ports[1], monitorPort: ports[2], data: data,
            environment: environment.merging(configuration.variables) { _, new in new },
            configuration: configuration.path, user: user)
        return Backing(
            data: data, console: run.console, stop: run.stop, supervision: run.supervision, record: run.record,
            secrets: secrets, postgres: postgres, nats: nats, database: database)
    }
}
