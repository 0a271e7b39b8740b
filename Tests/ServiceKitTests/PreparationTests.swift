import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import TestKit
import Testing

@testable import Postgres
@testable import ServiceKit

@Suite(.bounded)
struct PreparationTests {
    /// A lock that a test holds as long as a migration shall last.
    private static let slow = 4711
    private static let table = Migration(
        version: 1, name: "table",
        sql: "create table app.t (id integer); select pg_advisory_xact_lock(\(slow)); insert into app.t values (1);")

    private func withSchema(_ body: (Database) async throws -> Void) async throws {
        try await TestDatabase.with(schema: "app", migrations: [], body)
    }

    private func migrator(_ migrations: [Migration], lockTimeout: Duration = .seconds(60)) -> Migrator {
        Migrator(schema: "app", migrations: migrations, logger: .silent, lockTimeout: lockTimeout)
    }

    /// Runs the preparation as a process does, and `body` beside it.
    ///
    /// - Returns: whether the gate opened; ends the process then.
    private func prepare(
        _ database: Database, _ migrator: Migrator,
        _ prepare: @escaping @Sendable (Database) async throws -> Void = { _ in },
        beside body: (ServiceGroup) async throws -> Void = { _ in }
    ) async throws -> Bool {
        let gate = StartGate()
        let preparation = Preparation(
            gate: gate, database: database, migrator: migrator, logger: .silent, prepare: prepare)
        let process = ServiceGroup(services: [preparation], logger: .silent)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await process.run() }
            try await body(process)
            let isOpen = await gate.pass()
            await process.triggerGracefulShutdown()
            try await group.waitForAll()
            return isOpen
        }
    }

    /// Ends the backend that waits for `slow`; once there is one.
    private func endSlowBackend(_ database: Database) async throws {
        try await eventually("a backend waits") {
            try await database.withConnection { session in
                try session.execute(
                    """
                    select pg_terminate_backend(pid) from pg_locks
                    where locktype = 'advisory' and not granted and objid = \(Self.slow)
                        and database = (select oid from pg_database where datname = current_database())
                    """
                ).count > 0
            }
        }
    }

    private func rows(_ database: Database) async throws -> Int? {
        try await database.withConnection { try $0.first("select count(*) from app.t")?[0, as: Int.self] }
    }

    private func whileSlow(_ database: Database, _ body: (DedicatedConnection) async throws -> Void) async throws {
        try await database.withDedicatedConnection { holder in
            try await holder.run { try $0.execute("select pg_advisory_lock(\(Self.slow))").count }
            try await body(holder)
        }
    }

    private func release(_ holder: DedicatedConnection) async throws {
        try await holder.run { try $0.execute("select pg_advisory_unlock(\(Self.slow))").count }
    }

    @Test("A process whose connection is ended in the middle of a migration applies it when it can")
    func lostInMigration() async throws {
        try await withSchema { database in
            try await whileSlow(database) { holder in
                let isOpen = try await prepare(
                    database, migrator([Self.table]),
                    beside: { _ in
                        for _ in 1...3 { try await endSlowBackend(database) }
                        try await release(holder)
                    })
                #expect(isOpen)
            }
            #expect(try await rows(database) == 1)
        }
    }

    @Test("A process whose connection is ended while a migration commits applies it when it can")
    func lostInCommit() async throws {
        let committing = Migration(
            version: 1, name: "committing",
            sql: """
                create table app.t (id integer);
                create function app.wait() returns trigger language plpgsql as
                    $$ begin perform pg_advisory_xact_lock(\(Self.slow)); return null; end $$;
                create constraint trigger wait after insert on app.t deferrable initially deferred
                    for each row execute function app.wait();
                insert into app.t values (1);
                """)
        try await withSchema { database in
            try await whileSlow(database) { holder in
                let isOpen = try await prepare(
                    database, migrator([committing]),
                    beside: { _ in
                        for _ in 1...2 { try await endSlowBackend(database) }
                        try await release(holder)
                    })
                #expect(isOpen)
            }
            #expect(try await rows(database) == 1)
        }
    }

    @Test("A migration whose COMMIT was carried out and not answered is found applied")
    func lostAnswer() async throws {
        try await withSchema { database in
            let name = try await database.withConnection {
                try $0.first("select current_database()")?[0, as: String.self] ?? ""
            }
            var url = try #require(
                URLComponents(string: try TestServers.postgresURL))
            let thief = try AnswerThief(
                server: UInt16(url.port ?? 5432), answerTo: "(version, name, checksum)")
            defer { thief.close() }
            url.host = "127.0.0.1"
            url.port = Int(thief.port)
            url.path = "/" + name
            let configuration = try DatabaseConfiguration(
                url: try #require(url.string), searchPath: "app", applicationName: "tests")
            let behind = Database(configuration: configuration, logger: .silent)
            let plain = Migration(version: 1, name: "plain", sql: "create table app.t (id integer)")
            let second = Migration(version: 2, name: "second", sql: "insert into app.t values (1)")
            let isOpen = try await prepare(behind, migrator([plain, second]))
            await behind.shutdown()
            #expect(isOpen && thief.hasStolen)
            #expect(try await rows(database) == 1)
        }
    }

    @Test("A connection lost in what follows the migrations is waited for as well")
    func lostInPreparation() async throws {
        try await withSchema { database in
            let attempts = Atomic(0)
            let isOpen = try await prepare(database, migrator([])) { database in
                try await database.withTransaction { session in
                    let attempt = attempts.wrappingAdd(1, ordering: .relaxed).newValue
                    if attempt < 5 { try session.execute("select pg_terminate_backend(pg_backend_pid())") }
                }
            }
            #expect(isOpen && attempts.load(ordering: .relaxed) == 5)
        }
    }

    @Test("A process waits for another one that migrates, however long that takes")
    func othersMigrate() async throws {
        try await withSchema { database in
            try await database.withDedicatedConnection { other in
                let key = advisoryKey("migrations of app")
                try await other.run { try $0.execute("select pg_advisory_lock(\(key))").count }
                let plain = Migration(version: 1, name: "plain", sql: "create table app.t (id integer)")
                let waiting = migrator([plain], lockTimeout: .milliseconds(50))
                let attempts = Atomic(0)
                let isOpen = try await prepare(database, waiting) { _ in
                    attempts.add(1, ordering: .relaxed)
                } beside: { _ in
                    // Longer than the migrator itself is patient.
                    let end = ContinuousClock.now + .milliseconds(500)
                    try await eventually("some time passes") { ContinuousClock.now > end }
                    #expect(attempts.load(ordering: .relaxed) == 0)
                    try await other.run { try $0.execute("select pg_advisory_unlock(\(key))").count }
                }
                #expect(isOpen)
            }
        }
    }

    @Test("A process told to stop while it waits for others ends without an error")
    func stopped() async throws {
        try await withSchema { database in
            try await database.withDedicatedConnection { other in
                let key = advisoryKey("migrations of app")
                try await other.run { try $0.execute("select pg_advisory_lock(\(key))").count }
                let isOpen = try await prepare(
                    database, migrator([Self.table]),
                    beside: { process in
                        try await eventually("it waits") {
                            try await database.withConnection { session in
                                try session.execute(
                                    "select 1 from pg_stat_activity where query like '%pg_try_advisory_lock%' "
                                        + "and datname = current_database() and pid <> pg_backend_pid()"
                                ).count > 0
                            }
                        }
                        await process.triggerGracefulShutdown()
                    })
                #expect(!isOpen)
            }
        }
    }

    @Test(
        "A migration that can never be applied ends the process",
        arguments: [
            "insert into app.nowhere values (1)", "selekt", "create schema other; commit", "set role nobody_at_all",
            "do $$ begin raise 'no'; end $$", "select 1/0",
        ])
    func hopeless(sql: String) async throws {
        try await withSchema { database in
            let bad = Migration(version: 1, name: "bad", sql: sql)
            await #expect(throws: MigrationError.self) { _ = try await prepare(database, migrator([bad])) }
        }
    }

    @Test("A changed migration and a newer database end the process")
    func mismatch() async throws {
        try await withSchema { database in
            let plain = Migration(version: 1, name: "plain", sql: "create table app.t (id integer)")
            let isOpen = try await prepare(database, migrator([plain]))
            #expect(isOpen)
            let changed = Migration(version: 1, name: "plain", sql: plain.sql + " ")
            for migrations in [[changed], []] {
                await #expect(throws: MigrationError.self) { _ = try await prepare(database, migrator(migrations)) }
            }
        }
    }

    @Test("What a failure is decides, not the state that the server gave it", arguments: Waiting.cases)
    func waiting(_ waiting: Waiting) {
        #expect(Preparation.isWorthWaitingFor(waiting.error) == waiting.isWorth)
        let failed = MigrationError.failed(version: 1, name: "x", cause: waiting.error)
        #expect(Preparation.isWorthWaitingFor(failed) == waiting.isWorth)
    }
}

/// An error of the database, and whether one waits after it.
struct Waiting: Sendable, CustomTestStringConvertible {
    var error: DatabaseError
    var isWorth: Bool

    var testDescription: String { "\(error.code)\(error.sqlState.map { " with \($0)" } ?? "")" }

    private static func fault(_ state: String) -> ServerFault {
        ServerFault(sqlState: SQLState(rawValue: state), severity: "ERROR", message: "m")
    }

    static let cases: [Waiting] =
        [
            "57P01", "57P02", "57P03", "57P04", "57014", "40001", "40P01", "53100", "53200", "53300", "55P03", "55006",
            "25006", "25P03", "25P04", "58000", "58030", "08006", "28000", "3D000", "XX000",
        ].map { Waiting(error: DatabaseError(fault($0)), isWorth: true) }
        + [
            "42P01", "42601", "42703", "42501", "42P07", "22012", "23505", "3F000", "P0001",
            "0A000", "2BP01", "25001",
        ].map { Waiting(error: DatabaseError(fault($0)), isWorth: false) }
        + [
            .unavailable, .connectTimeout, .statementTimeout, .connectionLost, .poolExhausted, .acquireTimeout,
            .commitOutcomeUnknown, .closed,
        ].flatMap { code in
            [nil, fault("57P01"), fault("42601")].map {
                Waiting(error: DatabaseError(code, "m", fault: $0), isWorth: true)
            }
        }
        + [.decoding, .invalidParameter, .configuration, .misuse].map {
            Waiting(error: DatabaseError($0, "m"), isWorth: false)
        }
}
