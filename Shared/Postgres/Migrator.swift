package import Logging

/// Brings a schema to the version a program needs.
///
/// Applied migrations are rows of `<schema>.schema_migrations`. Each is applied in its own transaction, all under one
/// advisory lock, so that of several processes that start at once one applies and the others find it done. Scripts run
/// with the search path of the database's configuration.
package struct Migrator: Sendable {
    private let schema: String
    private let migrations: [Migration]
    private let logger: Logger
    /// How long to wait for another process that is migrating.
    private let lockTimeout: Duration
    /// How long one statement of a migration may take.
    private let statementTimeout: Duration

    /// `migrations` in any order; that their versions are 1, 2, 3 … is checked when they are used.
    package init(
        schema: String, migrations: [Migration], logger: Logger, lockTimeout: Duration = .seconds(60),
        statementTimeout: Duration = .seconds(600)
    ) {
        self.schema = schema
        self.migrations = migrations
        self.logger = logger
        self.lockTimeout = lockTimeout
        self.statementTimeout = statementTimeout
    }

    /// Applies what is missing and returns it. Creates the schema when there is none. A role that may create nothing in
    /// the schema is enough when nothing is missing.
    ///
    /// Throws `MigrationError` for what is missing and may not be applied by this role, a gap, a changed migration, a newer database, a lock held for too long and a
    /// migration that fails; `DatabaseError` when the database cannot be reached.
    @discardableResult
    package func migrate(_ database: Database) async throws -> [Migration] {
        let plan = try MigrationPlan(migrations)
        return try await database.withDedicatedConnection(
            statementTimeout: statementTimeout, idleTimeout: Lease.serverPatience
        ) { connection in
            try await lock(connection)
            let pending = try plan.pending(after: await connection.run { try applied($0) })
            if pending.isEmpty { return [] }
            // A service that may not change its schema waits for who may.
            guard try await connection.run({ try mayChange($0) }) else {
                throw MigrationError.pending(pending.map(\.version))
            }
            try await connection.withTransaction { try createTable($0) }
            for migration in pending { try await apply(migration, on: connection) }
            return pending
        }
    }

    /// What `migrate` would apply.
    package func pending(_ database: Database) async throws -> [Migration] {
        let plan = try MigrationPlan(migrations)
        return try plan.pending(after: await database.withConnection(idempotent: true) { try applied($0) })
    }

    /// Throws `MigrationError` unless the database is exactly at this program's version.
    package func verify(_ database: Database) async throws {
        let pending = try await pending(database)
        guard pending.isEmpty else { throw MigrationError.pending(pending.map(\.version)) }
    }
}

extension Migrator {
    /// The lock is the connection's, and is free when it is closed.
    private func lock(_ connection: DedicatedConnection) async throws {
        let key = advisoryKey("migrations of \(schema)")
        let clock = ContinuousClock()
        let end = clock.now + lockTimeout
        while true {
            // Asked for again and again: waiting in the server would be cut short by its timeouts for locks and
            // statements.
            let isLocked = try await connection.run {
                try $0.first("select pg_try_advisory_lock(\(key))")?[0, as: Bool.self] ?? false
            }
            if isLocked { return }
            guard clock.now < end else { throw MigrationError.lockTimeout(schema: schema) }
            _ = try await connection.notifications(timeout: .milliseconds(100))
        }
    }

    private var table: SQL { "\(identifier: schema).schema_migrations" }

    /// Where there is no schema yet, the attempt will show it.
    private func mayChange(_ session: DatabaseSession) throws -> Bool {
        try session.first("select has_schema_privilege(oid, 'create') from pg_namespace where nspname = \(schema)")?[
            0, as: Bool.self] ?? true
    }

    private func createTable(_ session: DatabaseSession) throws {
        // Looked for first: CREATE … IF NOT EXISTS needs the right to create even when there is nothing to be created.
        let exists = try session.first("select 1 from pg_namespace where nspname = \(schema)") != nil
        if !exists { try session.execute("create schema \(identifier: schema)") }
        guard try !tableExists(session) else { return }
        try session.execute(
            """
            create table \(sql: table) (
                version integer primary key,
                name text not null,
                checksum text not null,
                applied_at timestamptz not null default now()
            )
            """)
        // The service's role, which is named as its schema (Deploy/postgres-init.sql), may read it; its owner keeps all.
        let role = try session.first("select 1 from pg_roles where rolname = \(schema) and rolname <> current_user")
        if role != nil {
            try session.execute(
                "revoke insert, update, delete, truncate on \(sql: table) from \(identifier: schema)")
        }
    }

    private func tableExists(_ session: DatabaseSession) throws -> Bool {
        try session.first(
            """
            select 1 from pg_class join pg_namespace on pg_namespace.oid = relnamespace
            where nspname = \(schema) and relname = 'schema_migrations'
            """) != nil
    }

    private func applied(_ session: DatabaseSession) throws -> [MigrationPlan.Applied] {
        guard try tableExists(session) else { return [] }
        return try session.execute("select version, name, checksum from \(sql: table) order by version").map { row in
            let (version, name, checksum) = try row.decode(Int.self, String.self, String.self)
            return MigrationPlan.Applied(version: version, name: name, checksum: checksum)
        }
    }

    private func apply(_ migration: Migration, on connection: DedicatedConnection) async throws {
        do {
            try await connection.withTransaction { session in
                try session.executeScript(migration.sql)
                try session.executeAndCommit(
                    """
                    insert into \(sql: table) (version, name, checksum)
                    values (\(migration.version), \(migration.name), \(migration.checksum))
                    """)
            }
        } catch let error as DatabaseError {
            throw MigrationError.failed(version: migration.version, name: migration.name, cause: error)
        }
        logger.info(
            "Migration applied",
            metadata: ["schema": "\(schema)", "version": "\(migration.version)", "name": "\(migration.name)"])
    }
}
