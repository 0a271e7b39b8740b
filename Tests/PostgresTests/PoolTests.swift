import Logging
import Postgres
import TestKit
import Testing

@Suite("Pool", .bounded)
struct PoolTests {
    /// Occupies every connection of the pool while `body` runs.
    @discardableResult
    private func occupying<R: Sendable>(_ test: TestDatabase, _ body: () async throws -> R) async throws -> R {
        let mayEnd = Barrier()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<test.configuration.poolSize {
                group.addTask { try await test.database.withConnection { _ in mayEnd.wait() } }
            }
            defer { mayEnd.open() }
            try await eventually("all connections are in use") {
                test.database.statistics.inUse == test.configuration.poolSize
            }
            let result = try await body()
            mayEnd.open()
            try await group.waitForAll()
            return result
        }
    }

    /// Whether a call is refused as `.closed`; one that would wait is cancelled.
    private func isClosed(_ database: Database) async throws -> Bool {
        let call = Task { try await database.withConnection { _ in } }
        call.cancel()
        do {
            try await call.value
        } catch let error as DatabaseError {
            return error.code == .closed
        } catch is CancellationError {}
        return false
    }

    @Test("Connections are opened when needed, up to the bound, and used again")
    func bound() async throws {
        try await TestDatabase.with({ $0.poolSize = 3 }) { test in
            #expect(test.database.statistics.open == 0)
            for _ in 0..<5 { try await test.database.withConnection { try $0.execute("select 1").count } }
            #expect(test.database.statistics.open == 1)
            let most = Shared(0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await test.database.withConnection { session in
                            try session.execute("select pg_sleep(0.05)")
                            most.withLock { $0 = max($0, test.database.statistics.inUse) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(most.withLock { $0 } == 3)
            #expect(test.database.statistics.open == 3)
            let backends = try await test.admin.withConnection { session in
                try session.first(
                    "select count(distinct pid) from pg_stat_activity where datname = current_database()")?[
                        0, as: Int.self]
            }
            #expect(backends == 4)
        }
    }

    @Test("Calls wait in order; one too many is refused at once")
    func waiting() async throws {
        try await TestDatabase.with({
            $0.poolSize = 1
            $0.maxWaiting = 3
        }) { test in
            let order = Shared<[Int]>([])
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await occupying(test) {
                    for number in 1...3 {
                        group.addTask {
                            try await test.database.withConnection { _ in order.withLock { $0.append(number) } }
                        }
                        try await eventually("the call waits") { test.database.statistics.waiting == number }
                    }
                    let error = try await databaseError { try await test.database.withConnection { _ in } }
                    #expect(error.code == .poolExhausted && error.kind == .database)
                }
                try await group.waitForAll()
            }
            #expect(order.withLock { $0 } == [1, 2, 3])
            #expect(test.database.statistics.refused == 1)
        }
    }

    @Test("A call that waits too long for a busy connection is refused, later ones are not")
    func acquireTimeout() async throws {
        try await TestDatabase.with({
            $0.poolSize = 1
            $0.acquireTimeout = .milliseconds(100)
        }) { test in
            try await eventually("the connection is made") { (try? await test.database.withConnection { _ in }) != nil }
            try await occupying(test) {
                for _ in 0..<2 {
                    let error = try await databaseError { try await test.database.withConnection { _ in } }
                    #expect(error.code == .acquireTimeout && error.kind == .database)
                }
            }
            try await test.database.withConnection { try $0.execute("select 1").count }
        }
    }

    @Test("A cancelled call leaves the queue at once")
    func cancellation() async throws {
        try await TestDatabase.with({ $0.poolSize = 1 }) { test in
            try await occupying(test) {
                let call = Task { try await test.database.withConnection { _ in Issue.record("ran though cancelled") } }
                try await eventually("the call waits") { test.database.statistics.waiting == 1 }
                call.cancel()
                await #expect(throws: CancellationError.self) { try await call.value }
                #expect(test.database.statistics.waiting == 0)
                let late = Task {
                    try await eventually("cancelled") { Task.isCancelled }
                    try await test.database.withConnection { _ in Issue.record("ran though cancelled") }
                }
                late.cancel()
                await #expect(throws: CancellationError.self) { try await late.value }
            }
        }
    }

    @Test("Without a server calls are refused as unavailable after the time they may wait, with the reason")
    func unavailable() async throws {
        var configuration = try DatabaseConfiguration(url: "postgresql://nobody:hunter2@127.0.0.1:1/nowhere")
        configuration.acquireTimeout = .milliseconds(100)
        try await withDatabase(configuration, logger: .silent) {
            database in
            var error = try await databaseError { try await database.withConnection { _ in } }
            #expect(error.code == .unavailable && error.kind == .database)
            try await eventually("the reason is known") {
                error = try await databaseError { try await database.withConnection { _ in } }
                return "\(error)".contains("refused")
            }
            #expect(!"\(error)".contains("hunter2"))
            let held = try await databaseError { try await database.withDedicatedConnection { _ in } }
            #expect(held.code == .unavailable)
        }
    }

    @Test("A server that accepts and says nothing is given up after the time to connect")
    func connectTimeout() async throws {
        let listener = try SilentServer()
        var configuration = try DatabaseConfiguration(url: "postgresql://127.0.0.1:\(listener.port)/nowhere")
        configuration.connectTimeout = .milliseconds(100)
        try await withDatabase(configuration) { database in
            let error = try await databaseError { try await database.withDedicatedConnection { _ in } }
            #expect(error.code == .connectTimeout)
        }
    }

    @Test("Shutting down lets running and waiting calls end, refuses new ones and closes the connections")
    func shutdown() async throws {
        try await TestDatabase.with({ $0.poolSize = 1 }) { test in
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await occupying(test) {
                    group.addTask { try await test.database.withConnection { _ = try $0.execute("select 1") } }
                    try await eventually("the call waits") { test.database.statistics.waiting == 1 }
                    let shutdown = Task { await test.database.shutdown() }
                    try await eventually("new calls are refused") { try await isClosed(test.database) }
                    return shutdown
                }.value
                try await group.waitForAll()
            }
            #expect(test.database.statistics.open == 0)
            #expect(test.database.statistics.waiting == 0)
            let error = try await databaseError { try await test.database.withConnection { _ in } }
            #expect(error.code == .closed)
            try await eventually("the server sees the connections closed") {
                try await test.admin.withConnection { session in
                    try session.execute(
                        """
                        select 1 from pg_stat_activity
                        where datname = current_database() and pid <> pg_backend_pid()
                            and backend_type = 'client backend'
                        """
                    ).isEmpty
                }
            }
        }
    }

    @Test("Shutting down does not wait for work longer than allowed")
    func lateShutdown() async throws {
        try await TestDatabase.with({
            $0.poolSize = 1
            $0.shutdownTimeout = .milliseconds(50)
        }) { test in
            try await occupying(test) {
                let call = Task { try await test.database.withConnection { _ in } }
                try await eventually("the call waits") { test.database.statistics.waiting == 1 }
                await test.database.shutdown()
                #expect(test.database.statistics.inUse == 1)
                let error = try await databaseError { try await call.value }
                #expect(error.code == .closed)
            }
        }
    }

    @Test("Many callers at once each get their own answer")
    func crowd() async throws {
        try await TestDatabase.with({ $0.poolSize = 4 }) { test in
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<500 {
                    group.addTask {
                        try await test.database.withTransaction { session in
                            try session.first("select \(number)::bigint")?[0, as: Int.self] ?? 0
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == 500 * 499 / 2)
            #expect(test.database.statistics.waiting == 0)
        }
    }
}
