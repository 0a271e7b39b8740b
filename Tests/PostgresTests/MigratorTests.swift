import Logging
import Postgres
import TestKit
import Testing

@Suite("Migrator", .bounded)
struct MigratorTests {
    private static let first = Migration(
        version: 1, name: "table", sql: "create table app.t (id integer); insert into app.t values (1);")
    private static let second = Migration(version: 2, name: "column", sql: "alter table app.t add column n integer;")
    private static let third = Migration(
        version: 3, name: "slow", sql: "select pg_sleep(0.2); insert into app.t values (3);")

    private func migrator(_ migrations: Migration...) -> Migrator {
        Migrator(schema: "app", migrations: migrations, logger: .silent)
    }

    private func migrationError(_ body: () async throws -> Void) async throws -> MigrationError {
        do {
            try await body()
        } catch let error as MigrationError {
            return error
        }
        throw TestFailure("no error was thrown")
    }

    @Test("What is missing is applied, once")
    func migrate() async throws {
        try await TestDatabase.with { test in
            let one = migrator(MigratorTests.first)
            #expect(try await one.pending(test.database).map(\.version) == [1])
            #expect(try await one.migrate(test.database).map(\.version) == [1])
            try await one.verify(test.database)
            let two = migrator(MigratorTests.second, MigratorTests.first)
            let error = try await migrationError { try await two.verify(test.database) }
            guard case .pending([2]) = error else { throw error }
            #expect(try await two.migrate(test.database).map(\.name) == ["column"])
            #expect(try await two.migrate(test.database).isEmpty)
            try await two.verify(test.database)
            try await test.database.withConnection { session in
                let rows = try session.execute(
                    "select version, name, checksum from app.schema_migrations order by version")
                #expect(try rows.map { try $0.decode(Int.self, String.self).1 } == ["table", "column"])
                #expect(try rows[0]["checksum", as: String.self] == MigratorTests.first.checksum)
            }
        }
    }

    @Test("Versions with a gap, or twice, are refused before anything is done")
    func gaps() async throws {
        try await TestDatabase.with { test in
            let gap = try await migrationError {
                try await migrator(MigratorTests.first, MigratorTests.third).migrate(test.database)
            }
            guard case .gap(missing: 2) = gap else { throw gap }
            let twice = try await migrationError {
                try await migrator(MigratorTests.first, MigratorTests.first).migrate(test.database)
            }
            guard case .duplicate(version: 1) = twice else { throw twice }
            let exists = try await test.database.withConnection {
                try $0.first("select to_regnamespace('app') is not null")?[0, as: Bool.self]
            }
            #expect(exists == false)
        }
    }

    @Test("A migration changed after it was applied is refused")
    func changed() async throws {
        try await TestDatabase.with { test in
            try await migrator(MigratorTests.first).migrate(test.database)
            let other = Migration(version: 1, name: "table", sql: MigratorTests.first.sql + " ")
            for error in [
                try await migrationError { try await migrator(other).migrate(test.database) },
                try await migrationError { try await migrator(other).verify(test.database) },
            ] {
                guard case .changed(version: 1, name: "table") = error else { throw error }
            }
        }
    }

    @Test("A database newer than the program is refused")
    func newer() async throws {
        try await TestDatabase.with { test in
            try await migrator(MigratorTests.first, MigratorTests.second).migrate(test.database)
            let error = try await migrationError { try await migrator(MigratorTests.first).migrate(test.database) }
            guard case .newer(database: 2, program: 1) = error else { throw error }
        }
    }

    @Test("A migration that fails is rolled back; those before it stay")
    func failing() async throws {
        try await TestDatabase.with { test in
            let bad = Migration(
                version: 2, name: "bad", sql: "insert into app.t values (2); insert into app.nowhere values (1);")
            let error = try await migrationError { try await migrator(MigratorTests.first, bad).migrate(test.database) }
            guard case .failed(version: 2, name: "bad", let cause) = error else { throw error }
            #expect(cause.code == .server(.undefinedTable))
            let count = try await test.database.withConnection {
                try $0.first("select count(*) from app.t")?[0, as: Int.self]
            }
            #expect(count == 1)
            #expect(
                try await migrator(MigratorTests.first, MigratorTests.second).migrate(test.database).map(\.version) == [
                    2
                ])
        }
    }

    @Test("A migration that commits by itself is refused")
    func committing() async throws {
        try await TestDatabase.with { test in
            let bad = Migration(version: 1, name: "bad", sql: "create schema other; commit;")
            let error = try await migrationError { try await migrator(bad).migrate(test.database) }
            guard case .failed(version: 1, name: "bad", _) = error else { throw error }
            #expect(try await migrator(bad).pending(test.database).count == 1)
        }
    }

    @Test("Of several processes that start at once one applies, and all find it done")
    func concurrent() async throws {
        try await TestDatabase.with { test in
            let migrator = migrator(MigratorTests.first, MigratorTests.second, MigratorTests.third)
            let applied = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await withDatabase(test.configuration) { database in
                            let applied = try await migrator.migrate(database).count
                            try await migrator.verify(database)
                            return applied
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(applied.sorted() == [0, 0, 0, 3])
        }
    }

    @Test("A lock that stays taken is given up")
    func lockTimeout() async throws {
        try await TestDatabase.with { test in
            try await test.database.withDedicatedConnection { holder in
                let key = advisoryKey("migrations of app")
                try await holder.run { try $0.execute("select pg_advisory_lock(\(key))").count }
                let impatient = Migrator(
                    schema: "app", migrations: [MigratorTests.first], logger: Logger(label: "test"),
                    lockTimeout: .milliseconds(10))
                let error = try await migrationError { try await impatient.migrate(test.database) }
                guard case .lockTimeout(schema: "app") = error else { throw error }
            }
        }
    }

    @Test("A role that owns its schema and may create no other can migrate it")
    func ownSchema() async throws {
        try await TestDatabase.with { test in
            try await test.admin.withConnection { session in
                let role = "postgres_tests_\(UInt64.random(in: 0 ... .max))"
                try session.executeScript("create schema app; create role \(role); alter schema app owner to \(role)")
                try session.execute("select set_config('test.role', \(role), false)")
            }
            let role = try await test.admin.withConnection {
                try $0.first("select current_setting('test.role')")?[0, as: String.self] ?? ""
            }
            let database = try await test.admin.withConnection {
                try $0.first("select current_database()")?[0, as: String.self] ?? ""
            }
            try await test.admin.withConnection { session in
                try session.execute("alter database \(identifier: database) set role to \(identifier: role)")
            }
            try await withDatabase(test.configuration) { asRole in
                let applied = try await migrator(MigratorTests.first).migrate(asRole)
                #expect(applied.count == 1)
            }
            try await test.admin.withConnection { session in
                try session.execute("alter database \(identifier: database) reset role")
                try session.execute("drop owned by \(identifier: role)")
                try session.execute("drop role \(identifier: role)")
            }
        }
    }

    @Test("A role that may create nothing in its schema finds out what is missing, and is content when nothing is")
    func withoutRights() async throws {
        try await TestDatabase.with { test in
            let role = "postgres_tests_\(UInt64.random(in: 0 ... .max))"
            try await test.admin.withConnection { session in
                try session.executeScript(
                    """
                    create schema app; create role \(role); grant usage on schema app to \(role);
                    alter default privileges in schema app grant select on tables to \(role)
                    """)
            }
            let database = try await test.admin.withConnection {
                try $0.first("select current_database()")?[0, as: String.self] ?? ""
            }
            func asRole(_ body: @Sendable (Database) async throws -> Void) async throws {
                try await test.admin.withConnection {
                    try $0.execute("alter database \(identifier: database) set role to \(identifier: role)")
                }
                try await withDatabase(test.configuration) { try await body($0) }
                try await test.admin.withConnection {
                    try $0.execute("alter database \(identifier: database) reset role")
                }
            }
            try await asRole { database in
                let error = try await migrationError {
                    try await migrator(MigratorTests.first, MigratorTests.second).migrate(database)
                }
                guard case .pending([1, 2]) = error else { throw error }
            }
            try await migrator(MigratorTests.first).migrate(test.admin)
            try await asRole { database in
                #expect(try await migrator(MigratorTests.first).migrate(database) == [])
                let error = try await migrationError {
                    try await migrator(MigratorTests.first, MigratorTests.second).migrate(database)
                }
                guard case .pending([2]) = error else { throw error }
            }
            try await test.admin.withConnection { session in
                try session.execute("drop owned by \(identifier: role)")
                try session.execute("drop role \(identifier: role)")
            }
        }
    }

    @Test(
        "A file's name gives version and name, or is refused",
        arguments: [
            ("V0001_create_orders.sql", 1, "create_orders"), ("V12_x.sql", 12, "x"), ("0001_x.sql", 0, ""),
            ("V0000_x.sql", 0, ""),
            ("V0001.sql", 0, ""), ("V0001_.sql", 0, ""), ("V0001_x.txt", 0, ""), ("Vx_y.sql", 0, ""), ("", 0, ""),
            ("V99999999999999999999_x.sql", 0, ""),
        ])
    func fileNames(file: String, version: Int, name: String) {
        guard version > 0 else {
            #expect(throws: MigrationError.self) { try Migration(fileName: file, contents: Array("select 1".utf8)) }
            return
        }
        let migration = try? Migration(fileName: file, contents: Array("select 1".utf8))
        #expect(migration?.version == version && migration?.name == name && migration?.sql == "select 1")
    }

    @Test("Contents that are not text are refused; the checksum is SHA-256")
    func contents() {
        #expect(throws: MigrationError.self) { try Migration(fileName: "V0001_x.sql", contents: [0xFF]) }
        #expect(throws: MigrationError.self) { try Migration(fileName: "V0001_x.sql", contents: [0]) }
        #expect(
            Migration(version: 1, name: "x", sql: "abc").checksum
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(advisoryKey("abc") == Int64(bitPattern: 0xba78_16bf_8f01_cfea))
    }
}
