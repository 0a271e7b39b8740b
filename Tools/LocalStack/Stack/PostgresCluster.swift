internal import Foundation
internal import Glibc

/// The files of the private PostgreSQL server.
package struct PostgresCluster: Sendable {
    /// Where the files are, without symbolic links.
    package let directory: String
    /// Whom they belong to and the server runs as; `nil` is the caller.
    package let user: SystemUser?

    package var exists: Bool { FileManager.default.fileExists(atPath: directory + "/PG_VERSION") }

    /// Finds the place of a data directory's cluster: inside it, or, when the user that PostgreSQL must run as cannot
    /// reach that (a home directory closed to others), under `/var/lib/orderline` with a symbolic link to it.
    ///
    /// - Throws: `StackError` when no place can be prepared.
    package static func locate(in data: DataDirectory) async throws -> PostgresCluster {
        let user = try SystemUser.forPostgres()
        if let resolved = realpath(data.cluster, nil) {
            defer { free(resolved) }
            return PostgresCluster(directory: String(cString: resolved), user: user)
        }
        guard let user, await !canReach(data, user) else { return PostgresCluster(directory: data.cluster, user: user) }

        let elsewhere = place(under: "/var/lib/orderline", for: data.path)
        try makeDirectory("/var/lib/orderline", mode: 0o755)
        if FileManager.default.fileExists(atPath: elsewhere) {
            // Left by a data directory of the same name that was removed, and its passwords with it.
            try? FileManager.default.removeItem(atPath: elsewhere + ".previous")
            try? FileManager.default.moveItem(atPath: elsewhere, toPath: elsewhere + ".previous")
        }
        unlink(data.cluster)
        guard symlink(elsewhere, data.cluster) == 0 else { throw failure(data.cluster) }
        return PostgresCluster(directory: elsewhere, user: user)
    }

    /// A name that tells data directories apart.
    package static func place(under root: String, for data: String) -> String {
        let hex = String(data.spread, radix: 16)
        return "\(root)/\(String(repeating: "0", count: 16 - hex.count))\(hex)"
    }

    /// Makes the cluster: all of it or, when interrupted, none.
    ///
    /// - Throws: `StackError` with the end of `initdb`'s output.
    package func make(
        _ binaries: PostgresBinaries, password: String, data: DataDirectory, environment: [String: String]
    ) async throws {
        let unfinished = directory + ".new"
        let passwordFile = directory + ".password"
        try? FileManager.default.removeItem(atPath: unfinished)
        unlink(passwordFile)
        try Self.makeDirectory(unfinished, mode: 0o700)
        defer { unlink(passwordFile) }
        try AtomicFile.write(password + "\n", to: passwordFile)
        if let user {
            for path in [unfinished, passwordFile] {
                guard chown(path, user.uid, user.gid) == 0 else { throw Self.failure(path) }
            }
        }
        var plan = ProcessPlan(
            name: "initdb", executable: binaries.initdb,
            arguments: [
                "-D", unfinished, "-U", "postgres", "--pwfile", passwordFile, "--auth", "scram-sha-256",
                "-E", "UTF8", "--locale", "C.UTF-8",
            ],
            environment: environment, log: data.log(of: "initdb"))
        plan.user = user
        try await Command(plan).run()
        guard rename(unfinished, directory) == 0 else { throw Self.failure(directory) }
        try AtomicFile.syncName(of: directory)
    }

    private static func canReach(_ data: DataDirectory, _ user: SystemUser) async -> Bool {
        var plan = ProcessPlan(
            name: "test", executable: "/usr/bin/test", arguments: ["-x", data.path + "/."], environment: [:],
            log: "/dev/null")
        plan.user = user
        return (try? await Command(plan).run()) != nil
    }

    private static func makeDirectory(_ path: String, mode: mode_t) throws {
        guard mkdir(path, mode) == 0 || errno == EEXIST, chmod(path, mode) == 0 else { throw failure(path) }
    }

    private static func failure(_ path: String) -> StackError {
        StackError("\(path) cannot be prepared: \(String(cString: strerror(errno))).")
    }
}

extension String {
    /// FNV-1a: any spread will do, nobody chooses paths to make them collide.
    var spread: UInt64 { utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 } }
}
