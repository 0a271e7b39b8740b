import Synchronization
import Threads

/// Being the one of all replicas that does some work, by an advisory lock that ends with its connection.
///
/// A lock lives as long as the *server* believes in the connection: a process that is frozen, or whose machine is gone,
/// would keep it for hours. So the holder says every two seconds that it lives, the server ends a session that has been
/// silent for eight, and the holder itself stops believing six seconds after it was last heard: two never believe that
/// they lead for want of a sign of life, and another one leads at most ten seconds after the last. When the server
/// itself ends the session, the holder knows as soon as it hears of that.
package final class Lease: Sendable {
    /// After this silence the server ends the session, and with it the lock.
    static let serverPatience: Duration = .seconds(8)
    private static let validity: Duration = .seconds(6)
    private static let heartbeat: Duration = .seconds(2)
    /// How often a replica that does not lead asks for the lock.
    private static let retry: Duration = .milliseconds(500)

    private let name: String
    private let term = Mutex<(connection: DedicatedConnection, validUntil: ContinuousClock.Instant)?>(nil)

    /// - Parameter name: what is led; the same in all replicas.
    package init(_ name: String) { self.name = name }

    /// Whether this process leads now. `false` as soon as it cannot be sure.
    package var isHeld: Bool { term.withLock { $0.map { $0.validUntil > .now && !$0.connection.isLost } ?? false } }

    /// - Throws: `.connectionLost` when the lock may be lost.
    package func require() throws(DatabaseError) {
        guard isHeld else { throw DatabaseError(.connectionLost, "the lease on \(name) has run out") }
    }

    fileprivate func acquire(on connection: DedicatedConnection) async throws {
        let key = advisoryKey(name)
        while true {
            let asked = ContinuousClock.now
            let isLocked = try await connection.run { session in
                try session.first("select pg_try_advisory_lock(\(key))")?[0, as: Bool.self] ?? false
            }
            if isLocked { return renew(asked, on: connection) }
            try await Pause.sleep(for: Self.retry)
        }
    }

    /// Says again and again that this process lives; throws when that cannot be said.
    fileprivate func keep(on connection: DedicatedConnection) async throws {
        while true {
            try await Pause.sleep(for: Self.heartbeat, begins: connection.whenLost)
            let asked = ContinuousClock.now
            try await connection.run { session in _ = try session.execute("select 1") }
            renew(asked, on: connection)
        }
    }

    /// - Parameter asked: from when on the server cannot have waited longer than since then.
    private func renew(_ asked: ContinuousClock.Instant, on connection: DedicatedConnection) {
        term.withLock { $0 = (connection, asked + Self.validity) }
    }

    fileprivate func end() { term.withLock { $0 = nil } }
}

extension Database {
    /// Waits until this process leads, then runs `body`, which is cancelled when the lead may be lost.
    ///
    /// Throws what `body` throws, `.unavailable` or `.connectTimeout` when no connection can be made, and the error by
    /// which the lead was lost.
    package func withLease(
        _ lease: Lease, _ body: @Sendable @escaping (DedicatedConnection) async throws -> Void
    ) async throws {
        try await withDedicatedConnection(idleTimeout: Lease.serverPatience) { connection in
            try await lease.acquire(on: connection)
            defer { lease.end() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await lease.keep(on: connection) }
                group.addTask { try await body(connection) }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }
}
