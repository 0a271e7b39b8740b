import Postgres
import TestKit
import Testing

@Suite("Transactions", .bounded)
struct TransactionTests {
    private struct Refusal: Error {}

    private func withTable<R: Sendable>(_ body: (TestDatabase) async throws -> R) async throws -> R {
        try await TestDatabase.with { test in
            try await test.admin.withConnection {
                try $0.execute("create table t (id integer primary key, n integer not null default 0)")
            }
            return try await body(test)
        }
    }

    private func ids(_ test: TestDatabase) async throws -> [Int] {
        try await test.admin.withConnection { session in
            try session.execute("select id from t order by id").map { try $0[0, as: Int.self] }
        }
    }

    @Test("What a transaction did is there after it, and its result is returned")
    func commit() async throws {
        try await withTable { test in
            let affected = try await test.database.withTransaction { session in
                try session.execute("insert into t values (\(1))")
                return try session.execute("insert into t values (\(2)), (\(3))").affected
            }
            #expect(affected == 2)
            #expect(try await ids(test) == [1, 2, 3])
        }
    }

    @Test("A closure that throws rolls everything back, and its error is thrown as it is")
    func rollback() async throws {
        try await withTable { test in
            await #expect(throws: Refusal.self) {
                try await test.database.withTransaction { session in
                    try session.execute("insert into t values (1)")
                    throw Refusal()
                }
            }
            let ids = try await ids(test)
            #expect(ids == [] && test.database.statistics.lost == 0)
        }
    }

    @Test("A failed statement that the closure does not mind still fails the transaction, with that statement's error")
    func swallowed() async throws {
        try await withTable { test in
            let error = try await databaseError {
                try await test.database.withTransaction { session in
                    try session.execute("insert into t values (1)")
                    _ = try? session.execute("insert into t values (1)")
                }
            }
            #expect(error.isUnique(constraint: "t_pkey"))
            let committing = try await databaseError {
                try await test.database.withTransaction { session in
                    try session.execute("insert into t values (1)")
                    _ = try? session.execute("insert into t values (1)")
                    try session.executeAndCommit([])
                }
            }
            #expect(committing.isUnique(constraint: "t_pkey"))
            #expect(try await ids(test) == [])
        }
    }

    @Test("After a savepoint the transaction goes on")
    func savepoint() async throws {
        try await withTable { test in
            try await test.database.withTransaction { session in
                try session.execute("insert into t values (1)")
                try session.execute("savepoint before")
                _ = try? session.execute("insert into t values (1)")
                try session.execute("rollback to savepoint before")
                try session.execute("insert into t values (2)")
            }
            #expect(try await ids(test) == [1, 2])
        }
    }

    @Test("executeAndCommit ends the transaction: what follows is refused, what was done stays")
    func executeAndCommit() async throws {
        try await withTable { test in
            let rows = try await test.database.withTransaction { session in
                let rows = try session.executeAndCommit(["insert into t values (1)", "select id + \(1) from t"])
                return try rows[1].map { try $0[0, as: Int.self] } + [rows[0].affected, rows.count]
            }
            #expect(rows == [2, 1, 2])
            let error = try await databaseError {
                try await test.database.withTransaction { session in
                    try session.execute("insert into t values (2)")
                    try session.executeAndCommit("insert into t values (3)")
                    try session.execute("insert into t values (4)")
                }
            }
            #expect(error.code == .misuse)
            #expect(try await ids(test) == [1, 2, 3])
            let failed = try await databaseError {
                try await test.database.withTransaction { session in
                    try session.executeAndCommit([
                        "insert into t values (5)", "insert into t values (5)", "insert into t values (6)",
                    ])
                }
            }
            #expect(failed.isUnique(constraint: "t_pkey") && failed.statementIndex == 1)
            #expect(try await ids(test) == [1, 2, 3])
        }
    }

    @Test("Transaction control by hand is refused, and its leftovers do not reach the next user of the connection")
    func misuse() async throws {
        try await withTable { test in
            let begun = try await databaseError {
                try await test.database.withConnection { session in
                    try session.execute("begin")
                    try session.execute("insert into t values (1)")
                }
            }
            #expect(begun.code == .misuse)
            let ended = try await databaseError {
                try await test.database.withTransaction { session in
                    try session.execute("insert into t values (2)")
                    try session.execute("rollback")
                }
            }
            #expect(ended.code == .misuse)
            let committed = try await databaseError {
                try await test.database.withConnection { try $0.executeAndCommit("select 1").count }
            }
            #expect(committed.code == .misuse)
            #expect(try await ids(test) == [])
        }
    }

    @Test("A transaction without statements does nothing")
    func empty() async throws {
        try await withTable { test in
            let seven = try await test.database.withTransaction { _ in 7 }
            let committed = try await test.database.withTransaction { try $0.executeAndCommit([]) }
            let piped = try await test.database.withTransaction { try $0.pipeline([]) }
            #expect(seven == 7 && committed.isEmpty && piped.isEmpty)
        }
    }

    @Test("Isolation and read only are what was asked for")
    func isolation() async throws {
        try await withTable { test in
            for (isolation, name) in [
                (.readCommitted, "read committed"), (.repeatableRead, "repeatable read"),
                (.serializable, "serializable"),
            ] as [(TransactionIsolation, String)] {
                for readOnly in [false, true] {
                    let shown = try await test.database.withTransaction(isolation: isolation, readOnly: readOnly) {
                        let names = ["transaction_isolation", "transaction_read_only"]
                        return try $0.execute("select current_setting(name) from unnest(\(names)::text[]) as name")
                            .map { try $0[0, as: String.self] }
                    }
                    #expect(shown == [name, readOnly ? "on" : "off"])
                }
            }
            let error = try await databaseError {
                try await test.database.withTransaction(readOnly: true) {
                    try $0.execute("insert into t values (1)").affected
                }
            }
            #expect(error.code == .server(.readOnlyTransaction))
        }
    }

    @Test("Concurrent serializable transactions are repeated until each had its turn")
    func serialization() async throws {
        try await TestDatabase.with({ $0.poolSize = 3 }) { test in
            try await test.admin.withConnection {
                try $0.execute("create table t (id integer primary key, n integer not null)")
            }
            try await test.admin.withConnection { try $0.execute("insert into t values (1, 0)") }
            let runs = Counter()
            // 1. The first run reads 0. 2. Another transaction writes 1 and commits. 3. The first run's write fails
            // with 40001 and is repeated.
            let n = try await test.database.withTransaction(isolation: .repeatableRead) { session in
                let run = runs.increment()
                let n = try session.first("select n from t where id = 1")?[0, as: Int.self] ?? -1
                if run == 1 {
                    try blocking {
                        try await test.admin.withConnection { try $0.execute("update t set n = n + 1") }.affected
                    }
                }
                try session.execute("update t set n = \(n + 10) where id = 1")
                return n
            }
            #expect(n == 1 && runs.value == 2)
            let last = try await test.admin.withConnection { try $0.first("select n from t")?[0, as: Int.self] }
            #expect(last == 11)
        }
    }

    @Test("After three repeats the serialization failure is thrown")
    func exhaustedRepeats() async throws {
        try await withTable { test in
            let runs = Counter()
            let error = try await databaseError {
                try await test.database.withTransaction { session in
                    runs.increment()
                    try session.execute("do $$ begin raise exception using errcode = '40001'; end $$")
                }
            }
            #expect(error.code == .server(.serializationFailure) && error.kind == .contention)
            #expect(runs.value == 4)
        }
    }

    @Test("Of two transactions in a deadlock one is repeated, and both succeed")
    func deadlock() async throws {
        try await withTable { test in
            try await test.admin.withConnection { try $0.execute("insert into t values (1), (2)") }
            let barriers = [Barrier(), Barrier()]
            let runs = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for me in 0..<2 {
                    group.addTask {
                        try await test.database.withTransaction { session in
                            runs.increment()
                            try session.execute("update t set n = n + 1 where id = \(me + 1)")
                            barriers[me].open()
                            barriers[1 - me].wait()
                            try session.execute("update t set n = n + 1 where id = \(2 - me)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            let sum = try await test.admin.withConnection {
                try $0.first("select sum(n)::bigint from t")?[0, as: Int.self]
            }
            #expect(sum == 4)
            #expect(runs.value >= 3)
        }
    }
}
