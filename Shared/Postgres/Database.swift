package import Logging
import ServiceLifecycle
import Threads

/// A PostgreSQL database through a pool of connections.
///
/// Work is a synchronous closure that runs on a connection's own thread: it may execute as many statements as it needs
/// without a hop between them, and must wait for nothing else. Every wait has a deadline; see `DatabaseConfiguration`.
/// Connections are made when first needed, and again by themselves after they are lost.
package final class Database: Service, Sendable {
    private let configuration: DatabaseConfiguration
    private let pool: Pool
    private let logger: Logger

    /// Opens nothing yet.
    package init(configuration: DatabaseConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        pool = Pool(configuration: configuration, logger: logger)
    }

    deinit { pool.close() }

    /// Keeps until graceful shutdown or cancellation, then shuts down. The database may be used before and without it.
    package func run() async throws {
        try? await gracefulShutdown()
        await shutdown()
    }

    /// Refuses new work with `.closed`, lets what waits and what runs come to its end (`shutdownTimeout` at most),
    /// closes the connections.
    package func shutdown() async { await pool.shutDown() }

    /// Numbers of now, for metrics.
    package var statistics: DatabaseStatistics { pool.statistics }
}

extension Database {
    /// Runs `body` with autocommit: each statement by itself, each `pipeline` as one.
    ///
    /// `isolation` from other calls is that of single statements. If the connection turns out to be lost, the body is
    /// run once more on another one: with `idempotent` in any case, without only when none of its statements can have
    /// been executed.
    ///
    /// Throws `.poolExhausted`, `.acquireTimeout` and `.unavailable` when there is no connection, `CancellationError`
    /// when cancelled while waiting for one, and what `body` throws.
    @discardableResult
    package func withConnection<R: Sendable>(
        idempotent: Bool = false, _ body: @Sendable @escaping (DatabaseSession) throws -> R
    ) async throws -> R {
        try await pool.run(Program(begin: nil, isIdempotent: idempotent, body: body))
    }

    /// Runs `body` between BEGIN and COMMIT; whatever it throws rolls back and is thrown on.
    ///
    /// **The body may run several times**, so it must have no effect outside the database: up to three repeats after
    /// serialization failures and deadlocks, nine while others hold a lock, unless not `waitsForLocks`, one when the
    /// connection is lost before COMMIT was sent. Lost after that, the outcome is unknown and nothing is repeated:
    /// `.commitOutcomeUnknown`, see `awaitEnd(of:)`. Otherwise throws as `withConnection`.
    @discardableResult
    package func withTransaction<R: Sendable>(
        isolation: TransactionIsolation = .readCommitted, readOnly: Bool = false, waitsForLocks: Bool = true,
        _ body: @Sendable @escaping (DatabaseSession) throws -> R
    ) async throws -> R {
        try await pool.run(
            Program(
                begin: isolation.begin(readOnly: readOnly), isIdempotent: false, waitsForLocks: waitsForLocks,
                body: body))
    }

    /// Waits until the server's process that was asked to commit is gone, so that what it left can be looked at: its
    /// transaction is then committed or was never done.
    ///
    /// - Parameter unknown: a `.commitOutcomeUnknown`.
    /// - Throws: `unknown` when the process still runs, or the server cannot be asked, after three seconds.
    package func awaitEnd(of unknown: DatabaseError) async throws {
        guard let backend = unknown.backend else { return }
        let end = ContinuousClock.now + .seconds(3)
        while ContinuousClock.now < end {
            do {
                let runs = try await withConnection(idempotent: true) { session in
                    try session.first("select 1 from pg_stat_activity where pid = \(backend)") != nil
                }
                if !runs { return }
            } catch let away as DatabaseError where away.kind == .database {
                // It may be just coming back.
            }
            try await Pause.sleep(for: .milliseconds(20))
        }
        throw unknown
    }

    /// Lends a connection of its own, outside the pool, for what lives as long as a connection: advisory locks, LISTEN.
    ///
    /// `statementTimeout` replaces the configuration's; the server ends the connection when nothing was asked of it for
    /// `idleTimeout`. Throws `.unavailable` or `.connectTimeout` when it cannot be made, and what `body` throws. The
    /// connection is closed, and its locks are free, when it returns.
    @discardableResult
    package func withDedicatedConnection<R: Sendable>(
        statementTimeout: Duration? = nil, idleTimeout: Duration? = nil,
        _ body: (DedicatedConnection) async throws -> R
    ) async throws -> R {
        let connection = try await DedicatedConnection.open(
            configuration.parameters(statementTimeout: statementTimeout, idleTimeout: idleTimeout))
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }
}

/// Lends a database that is shut down when `body` ends. For commands and tests.
@discardableResult
package func withDatabase<R: Sendable>(
    _ configuration: DatabaseConfiguration, logger: Logger = Logger(label: "postgres"),
    _ body: (Database) async throws -> R
) async throws -> R {
    let database = Database(configuration: configuration, logger: logger)
    do {
        let value = try await body(database)
        await database.shutdown()
        return value
    } catch {
        await database.shutdown()
        throw error
    }
}
