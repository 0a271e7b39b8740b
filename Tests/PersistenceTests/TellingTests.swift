import Messaging
import Primitives
import Synchronization
import TestKit
import Testing

@testable import Persistence
@testable import Postgres

@Suite("A transaction that tells events")
struct TellingTests {
    private func rows(_ events: EventsFixture) async throws -> Int {
        try await events.count("select count(*) from outbox")
    }

    @Test("What is told is written with the commit, in its order, whatever else was executed or not")
    func written() async throws {
        try await EventsFixture.with { events in
            let key = Identifier.make()
            try await events.database.withTransaction(telling: events.outbox) { _, told in
                for value in 0..<3 { try told.add(Counted(value: value), key: key) }
            }
            try await events.database.withTransaction(telling: events.outbox) { session, told in
                try told.add(Counted(value: 3), key: key)
                try session.execute("insert into effects (value) values (1)")
                try told.add(Counted(value: 4), key: key)
                let rows = try session.executeAndCommit(["select 7::bigint"])
                #expect(rows.count == 1)
                #expect(try rows.first?.first?[0, as: Int.self] == 7)
            }
            let payloads = try await events.admin.withConnection { session in
                try session.execute("select payload from outbox order by position").map { row in
                    try Counted(jsonBytes: row[0, as: [UInt8].self]).value
                }
            }
            #expect(payloads == [0, 1, 2, 3, 4])
        }
    }

    @Test("Telling costs no round trip: a transaction that executes once and commits has one")
    func roundTrips() async throws {
        let cutter = try CommitCutter(server: try TestDatabase.serverPort())
        defer { cutter.stop() }
        try await EventsFixture.with(through: cutter.port) { events in
            for round in 0..<3 {
                let begun = cutter.roundTrips
                try await events.database.withTransaction(telling: events.outbox) { session, told in
                    try told.add(Counted(value: round), key: .make())
                    _ = try session.executeAndCommit("insert into effects (value) values (1)")
                }
                // The first one connects.
                #expect(round == 0 || cutter.roundTrips - begun == 1)
            }
            #expect(try await rows(events) == 3)
        }
    }

    @Test("Every run of a transaction that is repeated begins without events")
    func repeated() async throws {
        try await EventsFixture.with { events in
            let runs = Counter()
            try await events.database.withTransaction(telling: events.outbox) { session, told in
                try told.add(Counted(value: runs.increment()), key: .make())
                if runs.value < 3 {
                    try session.executeScript("do $$ begin raise exception using errcode = '40001'; end $$")
                }
            }
            #expect(runs.value == 3)
            let values = try await events.admin.withConnection { session in
                try session.execute("select payload from outbox").map { row in
                    try Counted(jsonBytes: row[0, as: [UInt8].self]).value
                }
            }
            #expect(values == [3])
        }
    }

    @Test("A transaction that fails tells nothing, also when its body does not mind the error")
    func failed() async throws {
        try await EventsFixture.with { events in
            await #expect(throws: TestFailure.self) {
                try await events.database.withTransaction(telling: events.outbox) { _, told in
                    try told.add(Counted(value: 1), key: .make())
                    throw TestFailure("no")
                }
            }
            let error = try await databaseError {
                try await events.database.withTransaction(telling: events.outbox) { session, told in
                    try told.add(Counted(value: 1), key: .make())
                    _ = try? session.execute("select 1 / 0")
                }
            }
            #expect(error.code == .server(.divisionByZero))
            #expect(try await rows(events) == 0)
        }
    }

    @Test("An event that cannot be written takes its cause with it, and is no statement of the caller's")
    func unwritable() async throws {
        try await EventsFixture.with { events in
            let error = try await databaseError {
                try await events.database.withTransaction(telling: events.outbox) { session, told in
                    told.add(rows: [OutboxEvent(key: .make(), subject: "with a \u{0}", payload: [])])
                    _ = try session.executeAndCommit("insert into effects (value) values (1)")
                }
            }
            #expect(error.code == .invalidParameter)
            #expect(error.statementIndex == nil)
            #expect(try await events.count("select count(*) from effects") == 0)
        }
    }

    @Test("An event that is told after the commit is a fault and never lost in silence")
    func afterCommit() async throws {
        try await EventsFixture.with { events in
            let error = try await databaseError {
                try await events.database.withTransaction(telling: events.outbox) { session, told in
                    _ = try session.executeAndCommit("insert into effects (value) values (1)")
                    try told.add(Counted(value: 1), key: .make())
                }
            }
            #expect(error.code == .misuse)
        }
    }
}

@Suite("Waking the relay")
struct RelayWakingTests {
    /// Has this process's relay wait, in the place of a real one, while `body` runs.
    /// - Returns: whether it was woken.
    private func isWoken(
        _ database: Database, _ outbox: Outbox, by body: @escaping @Sendable () async throws -> Void
    ) async throws -> Bool {
        let isWoken = Shared(false)
        let isDone = Shared(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await database.withLease(outbox.lease) { connection in
                    outbox.lead(on: connection)
                    defer { outbox.lead(on: nil) }
                    try await body()
                    isDone.withLock { $0 = true }
                    // A wake before the wait ends it at once.
                    let begun = ContinuousClock.now
                    _ = try await connection.notifications(timeout: .milliseconds(500))
                    isWoken.withLock { $0 = ContinuousClock.now - begun < .milliseconds(400) }
                }
            }
            try await group.waitForAll()
        }
        #expect(isDone.withLock { $0 })
        return isWoken.withLock { $0 }
    }

    @Test("A commit that tells wakes it")
    func told() async throws {
        try await EventsFixture.with { events in
            let (database, outbox) = (events.database, events.outbox)
            let isWoken = try await isWoken(database, outbox) {
                try await database.withTransaction(telling: outbox) { _, told in
                    try told.add(Counted(value: 1), key: .make())
                }
            }
            #expect(isWoken)
        }
    }

    @Test("Nothing else does: neither a commit that tells nothing nor a transaction that is rolled back")
    func nothingTold() async throws {
        try await EventsFixture.with { events in
            let (database, outbox) = (events.database, events.outbox)
            let isWoken = try await isWoken(database, outbox) {
                try await database.withTransaction(telling: outbox) { session, _ in
                    _ = try session.execute("insert into effects (value) values (1)")
                }
                _ = try? await database.withTransaction(telling: outbox) { session, told in
                    try told.add(Counted(value: 1), key: .make())
                    _ = try session.execute("select 1 / 0")
                }
            }
            #expect(!isWoken)
        }
    }

    @Test("A commit without an answer does, and so does the certainty about it")
    func unknownOutcome() async throws {
        let cutter = try CommitCutter(server: try TestDatabase.serverPort())
        defer { cutter.stop() }
        try await EventsFixture.with(through: cutter.port) { events in
            let (database, outbox) = (events.database, events.outbox)
            let unknown = Shared<DatabaseError?>(nil)
            let isWokenAtOnce = try await isWoken(events.admin, outbox) {
                cutter.cut(.after)
                do {
                    try await database.withTransaction(telling: outbox) { _, told in
                        try told.add(Counted(value: 1), key: .make())
                    }
                } catch let error as DatabaseError {
                    unknown.withLock { $0 = error }
                }
            }
            #expect(isWokenAtOnce)
            let error = try #require(unknown.withLock { $0 })
            #expect(error.code == .commitOutcomeUnknown)
            let isWokenLater = try await isWoken(events.admin, outbox) {
                try await database.awaitEnd(of: error, telling: outbox)
            }
            #expect(isWokenLater)
            #expect(try await events.count("select count(*) from outbox") == 1)
        }
    }
}
