import Glibc
import Postgres
import TestKit
import Testing

@Suite("Lost connections and frozen servers", .bounded)
struct RecoveryTests {
    private static let killMe: SQL = "select pg_terminate_backend(pg_backend_pid())"

    private func count(_ test: TestDatabase) async throws -> Int? {
        try await test.admin.withConnection { try $0.first("select count(*) from t")?[0, as: Int.self] }
    }

    private func withTable<R: Sendable>(
        _ adjust: (inout DatabaseConfiguration) -> Void = { _ in }, _ body: (TestDatabase) async throws -> R
    ) async throws -> R {
        try await TestDatabase.with(adjust) { test in
            try await test.admin.withConnection { try $0.execute("create table t (id integer)") }
            return try await body(test)
        }
    }

    private func terminateAll(_ test: TestDatabase) async throws {
        try await test.admin.withConnection { session in
            try session.execute(
                """
                select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and application_name = 'tests' and pid <> pg_backend_pid()
                """)
        }
    }

    @Test("When the server ends all idle connections, no call fails and all are made again")
    func idle() async throws {
        try await withTable({ $0.poolSize = 4 }) { test in
            for round in 1...5 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            try await test.database.withTransaction { _ = try $0.execute("insert into t values (1)") }
                        }
                    }
                    try await group.waitForAll()
                }
                try await terminateAll(test)
                // At once: whether the end has been noticed by now or not.
                try await test.database.withTransaction { try $0.execute("insert into t values (2)") }
                #expect(try await count(test) == round * 9)
            }
            try await eventually("the losses are counted") { test.database.statistics.lost > 0 }
        }
    }

    @Test("Under load, no transaction is lost or done twice when the server ends connections, but for those at COMMIT")
    func load() async throws {
        try await withTable({ $0.poolSize = 4 }) { test in
            let isOver = Barrier()
            let done = Counter()
            let unknown = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        while !isOver.isPassed {
                            do {
                                try await test.database.withTransaction { session in
                                    try session.execute("select \(1)::integer")
                                    try session.execute("insert into t values (1)")
                                }
                                done.increment()
                            } catch let error as DatabaseError where error.code == .commitOutcomeUnknown {
                                unknown.increment()
                            } catch let error as DatabaseError where error.kind == .database {
                                // Lost twice: nothing was done.
                            }
                        }
                    }
                }
                defer { isOver.open() }
                for _ in 1...10 {
                    let before = done.value
                    try await eventually("work goes on") { done.value > before + 20 || group.isEmpty }
                    try await terminateAll(test)
                }
                isOver.open()
                try await group.waitForAll()
            }
            let rows = try #require(try await count(test))
            #expect(rows >= done.value && rows <= done.value + unknown.value)
        }
    }

    @Test("A transaction whose connection is lost before COMMIT is run again, once")
    func repeated() async throws {
        try await withTable { test in
            let runs = Counter()
            try await test.database.withTransaction { session in
                try session.execute("insert into t values (1)")
                if runs.increment() == 1 { try session.execute(RecoveryTests.killMe) }
            }
            #expect(try await count(test) == 1 && runs.value == 2)
            let error = try await databaseError {
                try await test.database.withTransaction { session in
                    runs.increment()
                    try session.execute(RecoveryTests.killMe)
                }
            }
            #expect(error.code == .server(.adminShutdown) && error.kind == .database, "\(error)")
            #expect(runs.value == 4)
        }
    }

    @Test("Statements without a transaction are not run again once one was executed, unless that does no harm")
    func notRepeated() async throws {
        try await withTable { test in
            let runs = Counter()
            let error = try await databaseError {
                try await test.database.withConnection { session in
                    runs.increment()
                    try session.execute("insert into t values (1)")
                    try session.execute(RecoveryTests.killMe)
                }
            }
            #expect(error.code == .server(.adminShutdown))
            #expect(try await count(test) == 1 && runs.value == 1)
            try await test.database.withConnection(idempotent: true) { session in
                try session.execute("select 1")
                if runs.increment() == 2 { try session.execute(RecoveryTests.killMe) }
            }
            #expect(runs.value == 3)
            // Ended before its first statement was answered, so nothing was done.
            try await test.database.withConnection { session in
                if runs.increment() == 4 { try session.execute(RecoveryTests.killMe) }
                try session.execute("insert into t values (2)")
            }
            #expect(try await count(test) == 2 && runs.value == 5)
        }
    }

    private func isCommitting(_ test: TestDatabase) async throws -> Bool {
        try await test.admin.withConnection { session in
            try session.first(
                """
                select 1 from pg_stat_activity
                where datname = current_database() and query = 'commit' and wait_event = 'PgSleep'
                """) != nil
        }
    }

    @Test("A connection lost during COMMIT leaves the outcome unknown, and nothing is run again")
    func unknownOutcome() async throws {
        try await withTable { test in
            try await test.admin.withConnection { session in
                try session.executeScript(
                    """
                    create function dawdle() returns trigger language plpgsql as
                        $$ begin perform pg_sleep(600); return null; end $$;
                    create constraint trigger slow after insert on t deferrable initially deferred
                        for each row execute function dawdle();
                    """)
            }
            for atOnce in [false, true] {
                let runs = Counter()
                let call = Task {
                    try await test.database.withTransaction { session in
                        runs.increment()
                        let insert: SQL = "insert into t values (1)"
                        if atOnce { try session.executeAndCommit(insert) } else { try session.execute(insert) }
                    }
                }
                try await eventually("the transaction is at its COMMIT") { try await isCommitting(test) }
                try await terminateAll(test)
                let error = try await databaseError { try await call.value }
                #expect(error.code == .commitOutcomeUnknown && error.kind == .unknownOutcome)
                #expect(runs.value == 1)
                // Else it would be taken for the next one.
                try await eventually("its backend is gone") { try await !isCommitting(test) }
            }
            #expect(try await count(test) == 0)
        }
    }

    @Test("A statement too slow for the server is cancelled by it, and the connection stays")
    func statementTimeout() async throws {
        try await withTable({ $0.statementTimeout = .milliseconds(100) }) { test in
            let error = try await databaseError {
                try await test.database.withConnection { try $0.execute("select pg_sleep(9)") }
            }
            #expect(error.code == .server(.queryCanceled))
            #expect(test.database.statistics.lost == 0)
        }
    }

    @Test("A transaction whose closure idles for too long is ended by the server")
    func idleInTransaction() async throws {
        try await withTable({ $0.idleInTransactionTimeout = .milliseconds(50) }) { test in
            let runs = Counter()
            let error = try await databaseError {
                try await test.database.withTransaction { session in
                    runs.increment()
                    try session.execute("insert into t values (1)")
                    usleep(500_000)
                    try session.execute("insert into t values (1)")
                }
            }
            #expect(error.sqlState == .idleInTransactionTimeout, "\(error)")
            #expect(runs.value == 1)
            #expect(try await count(test) == 0)
        }
    }

    @Test("A frozen server is given up at the client's own deadline, and the pool goes on with another connection")
    func frozen() async throws {
        try await withTable({
            $0.statementTimeout = .milliseconds(200)
            $0.poolSize = 1
        }) { test in
            let backend = try await test.database.withConnection {
                try $0.first("select pg_backend_pid()")?[0, as: Int32.self]
            }
            let pid = try #require(backend)
            try #require(kill(pid, SIGSTOP) == 0, "the tests must run as the server's user, or as root")
            defer { kill(pid, SIGCONT) }
            let start = ContinuousClock.now
            let error = try await databaseError {
                try await test.database.withTransaction { try $0.execute("insert into t values (1)").affected }
            }
            #expect(error.code == .statementTimeout && error.kind == .database)
            #expect(ContinuousClock.now - start < .seconds(6).slackened)
            try await test.database.withConnection { try $0.execute("insert into t values (2)") }
            #expect(try await count(test) == 1)
        }
    }

    @Test("A frozen server at COMMIT leaves the outcome unknown")
    func frozenCommit() async throws {
        try await withTable({
            $0.statementTimeout = .milliseconds(200)
            $0.poolSize = 1
        }) { test in
            let pid = Shared<Int32>(0)
            defer { if pid.withLock({ $0 }) > 0 { kill(pid.withLock { $0 }, SIGCONT) } }
            let error = try await databaseError {
                try await test.database.withTransaction { session in
                    try session.execute("insert into t values (1)")
                    let backend = try session.first("select pg_backend_pid()")?[0, as: Int32.self] ?? 0
                    pid.withLock { $0 = backend }
                    if backend > 0 { kill(backend, SIGSTOP) }
                }
            }
            #expect(error.code == .commitOutcomeUnknown)
        }
    }
}
