internal import Glibc

/// An account of the machine.
package struct SystemUser: Sendable, Equatable {
    package let name: String
    package let uid: UInt32
    package let gid: UInt32

    /// Whether the stack runs as root, which PostgreSQL refuses to.
    package static var callerIsRoot: Bool { geteuid() == 0 }

    /// The account to run PostgreSQL as when the caller is root; `nil` for any other caller, who needs no other
    /// account.
    ///
    /// - Throws: `StackError` when the machine has no such account.
    package static func forPostgres() throws -> SystemUser? {
        guard callerIsRoot else { return nil }
        for name in ["postgres", "nobody"] {
            if let entry = getpwnam(name) {
                return SystemUser(name: name, uid: entry.pointee.pw_uid, gid: entry.pointee.pw_gid)
            }
        }
        throw StackError("PostgreSQL refuses to run as root, and this machine has neither a user postgres nor nobody.")
    }
}
