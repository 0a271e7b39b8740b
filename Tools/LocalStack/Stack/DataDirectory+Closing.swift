internal import Foundation
internal import Glibc

/// Keeps what a stack knows from the machine's other users: logs hold e-mail addresses and the first Admin's password.
extension DataDirectory {
    /// What stands in the directory itself and is the stack's.
    private static let files = [
        "lock", "run.json", "secrets.env", "supervisor.log", "supervisor.log.1", "nats-permissive.conf",
    ]
    /// What the stack keeps whole trees in. PostgreSQL closes its own, and refuses to start on an open one.
    private static let trees = ["logs", "nats"]

    /// Closes the directory and what an earlier version left open in it.
    ///
    /// Started by root, the group of PostgreSQL's user may pass through it (0710) and may not look, since the cluster
    /// is inside.
    ///
    /// - Throws: `StackError` when the directory itself cannot be closed.
    func closeToOthers() throws {
        var mode: mode_t = 0o700
        if let user = try SystemUser.forPostgres() {
            guard chown(path, uid_t.max, user.gid) == 0 else { throw Self.failure(path) }
            mode = 0o710
        }
        guard chmod(path, mode) == 0 else { throw Self.failure(path) }
        for name in Self.files { Self.closeToOthers("\(path)/\(name)") }
        for name in Self.trees {
            let tree = "\(path)/\(name)"
            var status = stat()
            // One that belongs to another user is that user's to close, and may lead this one anywhere.
            guard lstat(tree, &status) == 0, status.st_uid == geteuid() else { continue }
            Self.closeToOthers(tree)
            guard let below = FileManager.default.enumerator(atPath: tree) else { continue }
            for case let name as String in below { Self.closeToOthers("\(tree)/\(name)") }
        }
    }

    /// A link is left alone: what it leads to may be somebody else's. So is what this user may not change.
    private static func closeToOthers(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & 0o077 != 0 else { return }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: chmod(path, 0o700)
        case S_IFREG: chmod(path, 0o600)
        default: break
        }
    }

    private static func failure(_ path: String) -> StackError {
        StackError("\(path) cannot be closed to others: \(String(cString: strerror(errno))).")
    }
}
