import Logging
import Synchronization
import TestKit
import Testing
import Threads

@testable import Postgres

@Suite("A system without threads to give", .bounded)
struct ThreadShortageTests {
    /// Refuses threads by their number, from 1.
    private final class Threads: Sendable {
        private let asked = Atomic(0)
        private let isRefused: @Sendable (Int) -> Bool

        init(refusing isRefused: @escaping @Sendable (Int) -> Bool) { self.isRefused = isRefused }

        var count: Int { asked.load(ordering: .relaxed) }

        func start(_ body: @escaping @Sendable () -> Void) throws(DatabaseError) {
            guard !isRefused(asked.wrappingAdd(1, ordering: .relaxed).newValue) else {
                throw DatabaseError(.unavailable, "no thread for a connection (errno 11)")
            }
            try DatabaseError.wrapping { () throws(SystemShortage) in try OSThread.start(body) }
        }
    }

    private static let nowhere = "postgresql://nobody@127.0.0.1:1/nowhere"

    /// A pool that is shut down after `body`. The first thread it asks for is its clock's.
    private func withPool(
        _ threads: Threads, _ configuration: DatabaseConfiguration, _ body: (Pool) async throws -> Void
    ) async throws {
        let pool = Pool(
            configuration: configuration, logger: .silent
        ) { body throws(DatabaseError) in try threads.start(body) }
        do {
            try await body(pool)
        } catch {
            await pool.shutDown()
            throw error
        }
        await pool.shutDown()
    }

    private func one(_ pool: Pool) async throws -> Int {
        try await pool.run(
            Program(begin: nil, isIdempotent: true) { try $0.first("select 1::bigint")?[0, as: Int.self] ?? 0 })
    }

    private func impatient(_ time: Duration = .milliseconds(200)) throws -> DatabaseConfiguration {
        var configuration = try DatabaseConfiguration(url: Self.nowhere)
        configuration.acquireTimeout = time
        return configuration
    }

    @Test("Without the clock's thread a call is refused at once; later ones wait no longer than they may")
    func clock() async throws {
        let threads = Threads { $0 <= 2 }
        try await withPool(threads, try impatient()) { pool in
            for _ in 1...2 {
                let error = try await databaseError { _ = try await one(pool) }
                #expect(error.code == .unavailable && error.kind == .database)
            }
            #expect(threads.count == 2)
            for _ in 1...3 {
                let begun = ContinuousClock.now
                let error = try await databaseError { _ = try await one(pool) }
                #expect(error.code == .unavailable)
                #expect(ContinuousClock.now - begun >= .milliseconds(190))
            }
            #expect(pool.statistics.refused == 3)
        }
    }

    @Test(
        "A call for whose connection there was no thread is served once there is one, without another call",
        arguments: [1, 3])
    func worker(refusals: Int) async throws {
        try await TestDatabase.with { test in
            let threads = Threads { (2...1 + refusals).contains($0) }
            try await withPool(threads, test.configuration) { pool in
                let answers = [try await one(pool), try await one(pool)]
                #expect(answers == [1, 1])
                #expect(threads.count == 2 + refusals)
            }
        }
    }

    @Test("Without any thread for connections calls are refused when their time is up")
    func noWorker() async throws {
        try await withPool(Threads { $0 > 1 }, try impatient()) { pool in
            let error = try await databaseError { _ = try await one(pool) }
            #expect(error.code == .unavailable && "\(error)".contains("no thread"))
        }
    }

    @Test("Shutting down refuses a call that still waits for a thread")
    func shutdown() async throws {
        let threads = Threads { $0 > 1 }
        try await withPool(threads, try impatient(.seconds(600))) { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let error = try await databaseError { _ = try await one(pool) }
                    #expect(error.code == .closed)
                }
                try await eventually("the call waits") { pool.statistics.waiting == 1 && threads.count > 2 }
                await pool.shutDown()
                try await group.waitForAll()
            }
        }
    }
}
