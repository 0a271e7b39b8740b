import Synchronization
import Testing

@testable import Threads

@Suite("Running tasks on a thread", .timeLimit(.minutes(2)))
struct ThreadExecutorTests {
    /// A thread that does nothing but run its executor, until the body ends.
    private func withThread<R: Sendable>(_ body: (ThreadExecutor) async throws -> R) async throws -> R {
        let wakeup = try Wakeup()
        let executor = ThreadExecutor(wakeup: wakeup)
        let isOver = Flag()
        try OSThread.start {
            while !isOver.isSet {
                wakeup.wait(milliseconds: executor.patience(50))
                executor.run(rounds: 4)
            }
        }
        defer {
            isOver.set()
            wakeup.signal()
        }
        return try await body(executor)
    }

    @Test("Tasks run one at a time, wherever they were enqueued, also behind a wait")
    func tasks() async throws {
        try await withThread { executor in
            let tally = Tally()
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<200 {
                    group.addTask(executorPreference: executor) {
                        for _ in 0..<5 {
                            let now = tally.running.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
                            if now > tally.most.load(ordering: .relaxed) { tally.most.store(now, ordering: .relaxed) }
                            tally.running.wrappingSubtract(1, ordering: .sequentiallyConsistent)
                            await Task.yield()
                        }
                        tally.done.wrappingAdd(1, ordering: .sequentiallyConsistent)
                    }
                }
            }
            #expect(tally.done.load(ordering: .relaxed) == 200)
            #expect(tally.most.load(ordering: .relaxed) == 1)
        }
    }

    @Test("A round takes what is there, and tells that there is more")
    func rounds() throws {
        let executor = ThreadExecutor(wakeup: try Wakeup())
        let task = Task(executorPreference: executor) {
            for _ in 0..<3 { await Task.yield() }
            return 1
        }
        var calls = 0
        while executor.isBusy {
            #expect(executor.patience(50) == 0)
            executor.run(rounds: 1)
            calls += 1
        }
        #expect(calls > 1)
        #expect(executor.patience(50) == 50)
        #expect(executor.patience(-1) == -1)
        _ = task
    }

    @Test("Timers are called in the order in which they are due, those that were called off never")
    func timers() async throws {
        try await withThread { executor in
            let called = Mutex([Int]())
            await withCheckedContinuation { continuation in
                _ = executor.schedule(at: .after(.milliseconds(60))) { continuation.resume() }
                _ = executor.schedule(at: .after(.milliseconds(40))) { called.withLock { $0.append(2) } }
                _ = executor.schedule(at: .after(.milliseconds(20))) { called.withLock { $0.append(1) } }
                let callOff = executor.schedule(at: .after(.milliseconds(30))) { called.withLock { $0.append(3) } }
                callOff()
            }
            #expect(called.withLock { $0 } == [1, 2])
        }
    }

    @Test("A sleep lasts as long as it should, by the thread's timers and without", arguments: [false, true])
    func sleep(byThread: Bool) async throws {
        try await withThread { executor in
            try await sleeping(byThread ? executor : nil) {
                let start = ContinuousClock.now
                try await Pause.sleep(for: .milliseconds(50))
                #expect(ContinuousClock.now - start >= .milliseconds(50))
            }
        }
    }

    @Test(
        "A sleep ends when it is told to, even before it has begun, and when its task is cancelled",
        arguments: [false, true])
    func ended(byThread: Bool) async throws {
        try await withThread { executor in
            try await sleeping(byThread ? executor : nil) {
                let end = Ender()
                async let sleeping: Void = Pause.sleep(for: .seconds(600)) { end.set($0) }
                while !end.isSet { await Task.yield() }
                end.call()
                try await sleeping
                try await Pause.sleep(for: .seconds(600)) { wake in wake() }

                let task = Task { try await Pause.sleep(for: .seconds(600)) }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
    }

    private func sleeping(_ timers: ThreadExecutor?, _ body: () async throws -> Void) async throws {
        guard let timers else { return try await body() }
        try await Pause.$timers.withValue(timers) { try await body() }
    }
}

private final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .acquiring) }

    func set() { value.store(true, ordering: .releasing) }
}

/// What ends a sleep.
private final class Ender: Sendable {
    private let end = Mutex<(@Sendable () -> Void)?>(nil)

    var isSet: Bool { end.withLock { $0 != nil } }

    func set(_ end: @escaping @Sendable () -> Void) { self.end.withLock { $0 = end } }

    func call() { end.withLock { $0 }?() }
}

/// How many tasks run, have run at once, and are done.
private final class Tally: Sendable {
    let running = Atomic(0)
    let most = Atomic(0)
    let done = Atomic(0)
}
