import Synchronization
import Testing

@testable import Messaging

struct RequestLimitTests {
    @Test("One request over the limit is refused at once, and one that ends makes room")
    func limit() async throws {
        let limit = RequestLimit(2)
        let gates = [AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream()]
        let running = Running()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (stream, _) in gates {
                group.addTask {
                    try await limit.admit { () throws(ServiceError) in
                        running.count.withLock { $0 += 1 }
                        for await _ in stream {}
                    }
                }
            }
            while running.count.withLock({ $0 }) < 2 { await Task.yield() }
            await #expect(throws: ServiceError.overloaded) {
                try await limit.admit { () throws(ServiceError) in Issue.record("it was admitted") }
            }
            gates[0].continuation.finish()
            try await group.next()
            let answer = try await limit.admit { () throws(ServiceError) in 7 }
            #expect(answer == 7)
            gates[1].continuation.finish()
            try await group.waitForAll()
        }
    }
}

private final class Running: Sendable {
    let count = Mutex(0)
}
