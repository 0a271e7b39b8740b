import Primitives
import Synchronization
import TestKit
import Testing

@testable import Postgres

@Suite(.bounded)
struct BatcherTests {
    @Test("What arrives while a batch runs goes out together, in the order in which it came")
    func collects() async throws {
        let log = Shared<[[Int]]>([])
        let gate = Door()
        let commit = Batcher<Int, Int> { items in
            log.withLock { $0.append(items) }
            await gate.wait()
            return items.map { .success($0 * 10) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let value = try await commit.submit(0)
                #expect(value == 0)
            }
            // Whatever fails, who waits at the gate must not wait for ever.
            defer { gate.open() }
            try await eventually("the first batch runs") { log.withLock { $0.count } == 1 }
            for item in 1...5 {
                group.addTask {
                    let value = try await commit.submit(item)
                    #expect(value == item * 10)
                }
                // Nothing tells that it waits, so it is given every chance to.
                for _ in 0..<200 { await Task.yield() }
            }
            gate.open()
            try await group.waitForAll()
        }
        let batches = log.withLock { $0 }
        #expect(batches.first == [0])
        #expect(Set(batches.joined()) == Set(0...5))
        #expect(batches.count < 6, "nothing was collected")
    }

    @Test("A member that fails alone costs only itself: the others are run singly, in their order")
    func failingMember() async throws {
        let runs = Shared<[[Int]]>([])
        let outcomes = try await Self.submitTogether(0..<10) { items in
            runs.withLock { $0.append(items) }
            if items.contains(7) { throw Refused() }
            return items.map { .success($0) }
        }
        for (item, outcome) in outcomes {
            if item == 7 { #expect(outcome is Refused) } else { #expect(outcome == nil) }
        }
        // Behind the batch that failed stand its members, one by one, as they stood in it.
        let all = runs.withLock { $0 }
        if let index = all.firstIndex(where: { $0.count > 1 && $0.contains(7) }) {
            let failed = all[index]
            #expect(Array(all[(index + 1)...].prefix(failed.count)) == failed.map { [$0] })
        }
    }

    @Test("A member's own failure within a batch that succeeds goes to that member")
    func ownFailure() async throws {
        let outcomes = try await Self.submitTogether(0..<10) { items in
            items.map { $0 % 3 == 0 ? .failure(Refused()) : .success($0) }
        }
        for (item, outcome) in outcomes { #expect((outcome != nil) == (item % 3 == 0)) }
    }

    @Test("When the database is away nobody is run again: all members get the error")
    func databaseAway() async throws {
        let runs = Counter()
        let outcomes = try await Self.submitTogether(0..<10) { items in
            for _ in items { runs.increment() }
            throw DatabaseError(.unavailable, "away")
        }
        #expect(outcomes.values.allSatisfy { ($0 as? DatabaseError)?.code == .unavailable })
        #expect(runs.value == 10)
    }

    @Test(
        "After a commit without an answer nobody is run again, whatever the server said last", arguments: [true, false])
    func unknownOutcome(hasFault: Bool) async throws {
        let runs = Counter()
        // What a backend says that is ended while its COMMIT waits for the disk: it looks like an error of the
        // server's.
        let fault = ServerFault(sqlState: .adminShutdown, severity: "FATAL", message: "terminating connection")
        let unknown = DatabaseError(.commitOutcomeUnknown, "lost", fault: hasFault ? fault : nil)
        let outcomes = try await Self.submitTogether(0..<10) { items in
            for _ in items { runs.increment() }
            throw unknown
        }
        #expect(outcomes.values.allSatisfy { ($0 as? DatabaseError)?.code == .commitOutcomeUnknown })
        #expect(runs.value == 10)
    }

    @Test("What became of a batch without an answer is looked at, and each member is told the truth")
    func settled() async throws {
        let runs = Counter()
        let commit = Batcher<Int, Int>(
            settle: { items, error in
                #expect(error.code == .commitOutcomeUnknown)
                return items.map { $0 % 2 == 0 ? .success($0) : .failure(error) }
            },
            run: { items in
                for _ in items { runs.increment() }
                throw DatabaseError(.commitOutcomeUnknown, "lost")
            })
        for item in 0..<6 {
            if item % 2 == 0 {
                #expect(try await commit.submit(item) == item)
            } else {
                let error = try await databaseError { try await commit.submit(item) }
                #expect(error.code == .commitOutcomeUnknown)
            }
        }
        #expect(runs.value == 6)
    }

    @Test("What cannot be looked at stays unknown")
    func notSettled() async throws {
        let commit = Batcher<Int, Int>(
            settle: { _, _ in throw DatabaseError(.unavailable, "away") },
            run: { _ in throw DatabaseError(.commitOutcomeUnknown, "lost") })
        let error = try await databaseError { try await commit.submit(1) }
        #expect(error.code == .commitOutcomeUnknown)
    }

    @Test("Only what is a member's fault has the others run singly", arguments: BatcherTests.failures)
    func kinds(error: DatabaseError, isMembers: Bool) async throws {
        let batches = Shared<[Int]>([])
        let outcomes = try await Self.submitTogether(0..<10) { items in
            batches.withLock { $0.append(items.count) }
            if items.contains(7) { throw error }
            return items.map { .success($0) }
        }
        let failed = outcomes.values.count { $0 != nil }
        if isMembers { #expect(failed == 1) } else { #expect(failed > 1 || batches.withLock { $0.count } == 10) }
    }

    private static let failures: [(DatabaseError, Bool)] =
        [SQLState.uniqueViolation, .checkViolation, .numericValueOutOfRange, .characterNotInRepertoire].map {
            (server($0), true)
        } + [(DatabaseError(.invalidParameter, "a NUL"), true), (DatabaseError(.decoding, "odd row"), true)]
        + [
            SQLState.queryCanceled, .diskFull, .readOnlyTransaction, .ioError, .internalError, .tooManyConnections,
            .idleInTransactionTimeout, SQLState(rawValue: "58000"), SQLState(rawValue: "99999"),
        ].map { (server($0), false) }
        + [(DatabaseError(.connectionLost, "lost"), false), (server(.uniqueViolation, severity: "FATAL"), false)]

    private static func server(_ state: SQLState, severity: String = "ERROR") -> DatabaseError {
        DatabaseError(ServerFault(sqlState: state, severity: severity, message: "as it is"))
    }

    @Test("An item whose time is over when its turn comes is not run")
    func late() async throws {
        let gate = Door()
        let ran = Shared<Set<Int>>([])
        let commit = Batcher<Int, Int> { items in
            ran.withLock { $0.formUnion(items) }
            if items.contains(0) { await gate.wait() }
            return items.map { .success($0) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await commit.submit(0) }
            // Whatever fails, who waits at the gate must not wait for ever.
            defer { gate.open() }
            try await eventually("the first batch runs") { ran.withLock { $0.contains(0) } }
            for item in 1...2 {
                group.addTask {
                    let error = try await databaseError { try await commit.submit(item, deadline: .now) }
                    #expect(error.code == .tooLate)
                }
            }
            group.addTask {
                let value = try await commit.submit(3, deadline: .now + .seconds(60))
                #expect(value == 3)
            }
            for _ in 0..<200 { await Task.yield() }
            gate.open()
            try await group.waitForAll()
        }
        #expect(ran.withLock { $0 } == [0, 3])
    }

    @Test("Whoever needs what others hold waits alone: the rest goes on, and it goes through once it can")
    func heldKey() async throws {
        let isHeld = Shared(true)
        let done = Shared<Set<Int>>([])
        let runs = Shared<[[Int]]>([])
        // Items of the key 7 are 7, 17, 27 …
        let commit = Batcher<Int, Int>(key: { Identifier(high: 0, low: UInt64($0 % 10)) }) { items in
            runs.withLock { $0.append(items) }
            await Task.yield()
            if items.contains(where: { $0 % 10 == 7 }), isHeld.withLock({ $0 }) {
                throw Self.server(.lockNotAvailable)
            }
            done.withLock { $0.formUnion(items) }
            return items.map { .success($0) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for wave in 0..<5 {
                for item in wave * 10..<wave * 10 + 10 {
                    group.addTask {
                        let value = try await commit.submit(item, deadline: .now + .seconds(60))
                        #expect(value == item)
                    }
                }
                try await eventually("all others of the wave are done") { done.withLock { $0.count } >= (wave + 1) * 9 }
            }
            #expect(done.withLock { $0 }.allSatisfy { $0 % 10 != 7 })
            isHeld.withLock { $0 = false }
            try await group.waitForAll()
        }
        #expect(done.withLock { $0 } == Set(0..<50))
        // After the first failure nobody else was ever in a batch with that key.
        let mixed = runs.withLock { $0 }.filter { run in
            run.contains { $0 % 10 == 7 } && run.contains { $0 % 10 != 7 }
        }
        #expect(mixed.count <= 2, "\(mixed)")
    }

    @Test("What is held until its time is over fails with the reason; without a deadline it fails at once")
    func heldTooLong() async throws {
        let commit = Batcher<Int, Int>(key: { _ in .make() }) { _ in throw Self.server(.lockNotAvailable) }
        for deadline in [nil, ContinuousClock.now + .milliseconds(100)] {
            let error = try await databaseError { try await commit.submit(1, deadline: deadline) }
            #expect(error.code == .server(.lockNotAvailable) || deadline != nil && error.code == .tooLate)
        }
    }

    @Test("A batch that gives another number of results is a fault, not a mix-up")
    func wrongCount() async throws {
        let commit = Batcher<Int, Int> { _ in [] }
        let error = try await databaseError { try await commit.submit(1) }
        #expect(error.code == .misuse)
    }

    @Test("No batch is larger than the limit, and as many run at once as are allowed", arguments: [1, 3])
    func limits(concurrency: Int) async throws {
        let running = Atomic<Int>(0)
        let most = Shared((size: 0, running: 0))
        let commit = Batcher<Int, Int>(batchLimit: 4, concurrency: concurrency) { items in
            let now = running.wrappingAdd(1, ordering: .relaxed).newValue
            most.withLock { $0 = (max($0.size, items.count), max($0.running, now)) }
            for _ in 0..<20 { await Task.yield() }
            running.wrappingSubtract(1, ordering: .relaxed)
            return items.map { .success($0) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for item in 0..<200 {
                group.addTask {
                    let value = try await commit.submit(item)
                    #expect(value == item)
                }
            }
            try await group.waitForAll()
        }
        #expect(most.withLock { $0.size } <= 4)
        #expect(most.withLock { $0.running } <= concurrency)
    }

    @Test("More callers than may wait are refused at once")
    func bound() async throws {
        let gate = Door()
        let isRunning = Shared(false)
        let refused = Counter()
        let commit = Batcher<Int, Int>(waitingLimit: 3) { items in
            isRunning.withLock { $0 = true }
            await gate.wait()
            return items.map { .success($0) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await commit.submit(0) }
            // Whatever fails, who waits at the gate must not wait for ever.
            defer { gate.open() }
            try await eventually("the first batch runs") { isRunning.withLock { $0 } }
            for item in 1...10 {
                group.addTask {
                    do {
                        _ = try await commit.submit(item)
                    } catch let error as DatabaseError {
                        #expect(error.code == .poolExhausted)
                        refused.increment()
                    }
                }
            }
            try await eventually("those beyond the bound are refused") { refused.value >= 7 }
            gate.open()
            try await group.waitForAll()
        }
        #expect(refused.value == 7)
    }

    @Test("The lead is handed over for ever: many waves leave nobody waiting")
    func handOver() async throws {
        let commit = Batcher<Int, Int>(batchLimit: 3) { items in
            await Task.yield()
            return items.map { .success($0) }
        }
        for wave in 0..<200 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for item in 0..<5 {
                    group.addTask {
                        let value = try await commit.submit(wave + item)
                        #expect(value == wave + item)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// Submits `items` at the same moment.
    /// - Returns: what each got: `nil` for its own value, else the error.
    private static func submitTogether(
        _ items: Range<Int>, _ run: @escaping @Sendable ([Int]) throws -> [Result<Int, any Error>]
    ) async throws -> [Int: (any Error)?] {
        let begun = Counter()
        let commit = Batcher<Int, Int> { batch in
            try await eventually("all are submitted") { begun.value == items.count }
            for _ in 0..<50 { await Task.yield() }
            return try run(batch)
        }
        return await withTaskGroup(of: (Int, (any Error)?).self) { group in
            for item in items {
                group.addTask {
                    begun.increment()
                    do {
                        let value = try await commit.submit(item)
                        #expect(value == item)
                        return (item, nil)
                    } catch {
                        return (item, error)
                    }
                }
            }
            return await group.reduce(into: [:]) { $0.updateValue($1.1, forKey: $1.0) }
        }
    }
}

private struct Refused: Error {}
