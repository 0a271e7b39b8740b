internal import Foundation
internal import Glibc

/// The private NATS server with JetStream: a port for clients and one for its monitor, both on 127.0.0.1.
package struct NATSServer: Sendable {
    /// Without passwords or permissions, for tests that bring their own subjects; limits as in
    /// `Deploy/nats-server.conf`.
    private static let permissive = "max_payload: 8MB\njetstream { max_file_store: 256GB, max_memory_store: 64MB }\n"

    package let executable: String
    package let port: UInt16
    package let monitorPort: UInt16
    package let data: DataDirectory
    /// Includes the passwords that the configuration reads.
    package let environment: [String: String]
    /// Path of the configuration.
    package let configuration: String
    /// Whom it runs as; `nil` is the caller.
    package let user: SystemUser?

    package var url: String { "nats://127.0.0.1:\(port)" }
    package var monitor: String { "http://127.0.0.1:\(monitorPort)" }

    /// Answers 200 once clients and JetStream are served.
    package var health: HealthProbe { HealthProbe(port: monitorPort, path: "/healthz") }

    /// How the server is started.
    package var plan: ProcessPlan {
        var plan = ProcessPlan(
            name: "nats", executable: executable,
            arguments: [
                "-c", configuration, "-a", "127.0.0.1", "-p", String(port), "-m", String(monitorPort), "-sd", data.nats,
            ],
            environment: environment, log: data.log(of: "nats"))
        plan.stopping = ProcessPlan.toolStop
        plan.user = user
        return plan
    }

    /// The user that it is to run as: it may pass through the data directory as PostgreSQL may, and has the store.
    static func account(executable: String, configuration: String, data: DataDirectory, console: Console) async throws
        -> SystemUser?
    {
        let need = ProcessAccounts.Need(
            name: "nats", executable: executable, files: [configuration], directory: data.path,
            group: try SystemUser.forPostgres()?.gid)
        guard mkdir(data.nats, 0o700) == 0 || errno == EEXIST else {
            throw StackError("\(data.nats) cannot be made: \(String(cString: strerror(errno))).")
        }
        let user = await ProcessAccounts.choose([need], data: data, console: console).user(for: need.name)
        guard let user, let resolved = realpath(data.nats, nil) else { return nil }
        defer { free(resolved) }
        let store = String(cString: resolved)
        var status = stat()
        // A store of the user's own is not walked through as root: a link in it could lead anywhere.
        guard lstat(store, &status) == 0, status.st_uid != user.uid else { return user }
        let plan = ProcessPlan(
            name: "chown", executable: "/usr/bin/chown",
            arguments: ["-RhP", "\(user.uid):\(user.gid)", "--", store], environment: [:], log: "/dev/null")
        try await Command(plan).run()
        return user
    }

    /// Path of the installed server.
    ///
    /// - Throws: `StackError` when there is none.
    package static func find(path: String) throws -> String {
        let directories = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/local/bin", "/usr/bin"]
        for directory in directories where access(directory + "/nats-server", X_OK) == 0 {
            return directory + "/nats-server"
        }
        throw StackError("nats-server is not installed (apt-get install nats-server).")
    }

    /// Writes the permissive configuration and returns its path.
    package static func permissiveConfiguration(in data: DataDirectory) throws -> String {
        let path = data.path + "/nats-permissive.conf"
        try AtomicFile.write(permissive, to: path)
        // The server reads it as the user that it runs as, who may pass through the directory.
        if let group = try SystemUser.forPostgres()?.gid, chown(path, uid_t.max, group) == 0 { chmod(path, 0o640) }
        return path
    }
}
