import Postgres
import TestKit
import Testing

@Suite("Dedicated connections", .bounded)
struct DedicatedConnectionTests {
    private func notify(_ channel: String, _ test: TestDatabase) async throws {
        try await test.database.withConnection { try $0.execute("select pg_notify(\(channel), '')") }
    }

    @Test("Notifications end the wait; each channel is told once")
    func notifications() async throws {
        try await TestDatabase.with { test in
            try await test.database.withDedicatedConnection { connection in
                try await connection.run { session in
                    try session.execute("listen a")
                    try session.execute("listen b")
                }
                #expect(try await connection.notifications(timeout: .milliseconds(1)) == [])
                async let waiting = connection.notifications(timeout: .patience.slackened)
                try await notify("a", test)
                #expect(try await waiting == ["a"])
                for channel in ["b", "a", "b", "unheard"] { try await notify(channel, test) }
                var heard: [String] = []
                try await eventually("both channels are heard") {
                    heard += try await connection.notifications(timeout: .seconds(1)).filter { [heard] in
                        !heard.contains($0)
                    }
                    return heard.count == 2
                }
                #expect(heard.sorted() == ["a", "b"])
            }
        }
    }

    @Test("A notification that came with the answer to a statement is not forgotten")
    func piggyback() async throws {
        try await TestDatabase.with { test in
            try await test.database.withDedicatedConnection { connection in
                try await connection.run { session in
                    try session.execute("listen own")
                    try session.execute("notify own")
                    try session.execute("select 1")
                }
                #expect(try await connection.notifications(timeout: .patience.slackened) == ["own"])
            }
        }
    }

    @Test("wake ends the running wait, or else the next one")
    func wake() async throws {
        try await TestDatabase.with { test in
            try await test.database.withDedicatedConnection { connection in
                connection.wake()
                #expect(try await connection.notifications(timeout: .seconds(60).slackened) == [])
                async let waiting = connection.notifications(timeout: .seconds(60).slackened)
                try await connection.run { try $0.execute("select 1").count }
                connection.wake()
                #expect(try await waiting == [])
            }
        }
    }

    @Test("A cancelled wait ends at once, and another may follow; two at a time may not")
    func cancellation() async throws {
        try await TestDatabase.with { test in
            try await test.database.withDedicatedConnection { connection in
                await withThrowingTaskGroup(of: [String].self) { group in
                    group.addTask { try await connection.notifications(timeout: .seconds(60).slackened) }
                    group.addTask { try await connection.notifications(timeout: .seconds(60).slackened) }
                    let first = await group.nextResult()
                    #expect(throws: DatabaseError.self) { try first?.get() }
                    group.cancelAll()
                    let second = await group.nextResult()
                    #expect(throws: CancellationError.self) { try second?.get() }
                }
                let later = try await connection.notifications(timeout: .milliseconds(1))
                #expect(later == [])
            }
        }
    }

    @Test("An advisory lock is held until the connection is closed")
    func advisoryLock() async throws {
        try await TestDatabase.with { test in
            let key = advisoryKey("one relay")
            let tryLock: @Sendable (DatabaseSession) throws -> Bool = { session in
                try session.first("select pg_try_advisory_lock(\(key))")?[0, as: Bool.self] ?? false
            }
            try await test.database.withDedicatedConnection { holder in
                #expect(try await holder.run(tryLock))
                try await test.database.withDedicatedConnection { other in
                    #expect(try await !other.run(tryLock))
                    try await holder.withTransaction { try $0.execute("select 1").count }
                    #expect(try await !other.run(tryLock))
                }
            }
            try await test.database.withDedicatedConnection { next in
                try await eventually("the lock is free") { try await next.run(tryLock) }
            }
        }
    }

    @Test("When the connection is lost, whoever waits learns it, and everything after fails")
    func loss() async throws {
        try await TestDatabase.with { test in
            try await test.database.withDedicatedConnection { connection in
                let pid = try await connection.run { try $0.first("select pg_backend_pid()")?[0, as: Int.self] ?? 0 }
                let waiting = Task { try await connection.notifications(timeout: .seconds(60).slackened) }
                try await connection.run { try $0.execute("select 1").count }
                #expect(!connection.isLost)
                try await test.admin.withConnection { try $0.execute("select pg_terminate_backend(\(pid)::integer)") }
                let error = try await databaseError { try await waiting.value }
                #expect(error.code == .connectionLost)
                #expect(connection.isLost)
                #expect(try await databaseError { try await connection.run { _ in } }.code == .connectionLost)
                #expect(
                    try await databaseError { try await connection.notifications(timeout: .zero) }.code
                        == .connectionLost)
            }
        }
    }

    @Test("A call on it that loses the connection is not run again")
    func notRepeated() async throws {
        try await TestDatabase.with { test in
            try await test.database.withDedicatedConnection { connection in
                let runs = Counter()
                let error = try await databaseError {
                    try await connection.withTransaction { session in
                        runs.increment()
                        try session.execute("select pg_terminate_backend(pg_backend_pid())")
                    }
                }
                #expect(error.code == .server(.adminShutdown) && runs.value == 1)
                try await eventually("the loss is seen") { connection.isLost }
            }
        }
    }

    @Test("It may have another statement timeout than the pool")
    func statementTimeout() async throws {
        try await TestDatabase.with({ $0.statementTimeout = .milliseconds(50) }) { test in
            try await test.database.withDedicatedConnection(statementTimeout: .seconds(20)) { connection in
                try await connection.run { try $0.execute("select pg_sleep(0.2)").count }
            }
        }
    }
}
