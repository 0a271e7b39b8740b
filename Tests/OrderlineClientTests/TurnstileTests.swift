import Synchronization
import Testing

@testable import OrderlineClient

/// The line of those who send.
struct TurnstileTests {
    private final class Passage: Sendable {
        let passed = Mutex<[Int]>([])
        let inside = Atomic(0)
    }

    @Test("All pass one at a time, in the order in which they came")
    func order() async throws {
        let line = Turnstile(limit: 100)
        let passage = Passage()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                let place = try line.enter()
                group.addTask {
                    defer { line.leave(place) }
                    try await place.turn()
                    #expect(passage.inside.wrappingAdd(1, ordering: .relaxed).oldValue == 0)
                    passage.passed.withLock { $0.append(number) }
                    await Task.yield()
                    passage.inside.wrappingSubtract(1, ordering: .relaxed)
                }
            }
            try await group.waitForAll()
        }
        #expect(passage.passed.withLock { $0 } == Array(0..<100))
    }

    @Test("One more than may wait is refused, and may come when another is gone")
    func limit() throws {
        let line = Turnstile(limit: 1)
        let place = try line.enter()
        #expect(throws: Problem.self) { try line.enter() }
        line.leave(place)
        line.leave(try line.enter())
    }

    @Test("Who is cancelled while waiting goes, and those behind move up")
    func cancelled() async throws {
        let line = Turnstile(limit: 3)
        let (first, second, third) = (try line.enter(), try line.enter(), try line.enter())
        let waiting = Task {
            defer { line.leave(second) }
            try await second.turn()
        }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        line.leave(first)
        try await third.turn()
    }
}
