import Primitives
import Synchronization
import Testing

@testable import Postgres

struct BatcherTests {
    @Test("What arrives while a batch runs goes out together, in the order in which it came")
    func collects() async throws {
        let log = Shared<[[Int]]>([])
        let gate = Gate()
        let commit = Batcher<Int, Int> { items in
            log.withLock { $0.append(items) }
            await gate.pass()
            return items.map { .success($0 * 10) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let value = try await commit.submit(0)
                #expect(value == 0)
            }
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
        let gate = Gate()
        let isRunning = Shared(false)
        let refused = Counter()
        let commit = Batcher<Int, Int>(waitingLimit: 3) { items in
            isRunning.withLock { $0 = true }
            await gate.pass()
            return items.map { .success($0) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await commit.submit(0) }
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
            while begun.value < items.count { await Task.yield() }
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

/// Shut until opened once; for tasks to wait at.
private final class Gate: Sendable {
    private let state = Mutex((isOpen: false, waiting: [CheckedContinuation<Void, Never>]()))

    func open() {
        let waiting = state.withLock { state in
            defer { state = (true, []) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}
