internal import Foundation
internal import Glibc

/// The private PostgreSQL server: one cluster, one port on 127.0.0.1, passwords for every role.
package struct PostgresServer: Sendable {
    package let cluster: PostgresCluster
    package let binaries: PostgresBinaries
    package let port: UInt16
    package let password: String
    /// The most at once.
    package let connections: Int
    package let data: DataDirectory
    /// What PostgreSQL's programs get as environment.
    package let environment: [String: String]

    /// As the superuser.
    package func url(database: String) -> String {
        "postgresql://postgres:\(password)@127.0.0.1:\(port)/\(database)"
    }

    /// How the server is started.
    package var plan: ProcessPlan {
        let settings = [
            "listen_addresses=127.0.0.1", "port=\(port)", "unix_socket_directories=",
            "password_encryption=scram-sha-256",
            "fsync=on", "synchronous_commit=on", "shared_buffers=128MB", "max_connections=\(connections)", "jit=off",
            "logging_collector=off", "log_destination=stderr",
        ]
        var plan = ProcessPlan(
            name: "postgres", executable: binaries.server,
            arguments: ["-D", cluster.directory] + settings.flatMap { ["-c", $0] },
            environment: environment, log: data.log(of: "postgres"))
        plan.user = cluster.user
        plan.stopping = ProcessPlan.postgresStop
        plan.deathSignal = "INT"
        return plan
    }

    /// Makes room for a start: what a killed server left behind would forbid it.
    ///
    /// Its sessions hold the old shared memory until they notice their server's death, which may take as long as their
    /// statement; and its lock file may name a process id that something else has now.
    package func clearLeftovers() async {
        let lockFile = cluster.directory + "/postmaster.pid"
        let find = { ProcessTable.working(in: cluster.directory) }
        if !find().isEmpty {
            if let server = PostmasterFile(readingAt: lockFile)?.pid, find().contains(server) {
                kill(server, SIGINT)
                _ = await ProcessTable.end(0, within: .seconds(10), find: find)
            }
            if await !ProcessTable.end(SIGQUIT, within: .milliseconds(100), find: find) {
                _ = await ProcessTable.end(SIGKILL, within: .seconds(10), find: find)
            }
        }
        unlink(lockFile)
    }

    /// Whether the server with this id takes connections.
    package func isReady(pid: Int32) -> Bool {
        let file = PostmasterFile(readingAt: cluster.directory + "/postmaster.pid")
        return file?.pid == pid && file?.isReady == true
    }

    /// Makes the database with its roles and schemas, or brings an existing one up to date.
    ///
    /// - Parameter script: path of `postgres-init.sql`.
    /// - Throws: `StackError` with `psql`'s message.
    package func prepareDatabase(script: String, secrets: Secrets) async throws {
        var variables = environment
        variables["PGPASSWORD"] = password
        variables["PGCONNECT_TIMEOUT"] = "10"
        variables["POSTGRES_DB"] = "orderline"
        variables[Secrets.migratorPasswordVariable] = secrets.migratorPassword
        for service in ServiceKind.allCases where service.hasSchema {
            variables[service.rolePasswordVariable] = secrets.rolePassword(service)
        }
        let plan = ProcessPlan(
            name: "psql", executable: binaries.psql,
            arguments: [
                "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", String(port), "-U", "postgres",
                "-d", "postgres", "-f", script,
            ],
            environment: variables, log: data.log(of: "postgres-init"))
        try await Command(plan).run()
    }
}
