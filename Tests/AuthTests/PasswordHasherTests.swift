import Messaging
import Primitives
import Synchronization
import TestKit
import Testing

@testable import AuthService

@Suite(.bounded)
struct PasswordHasherTests {
    /// As cheap as the library allows: what is tested is not Argon2.
    private static let cheap = Argon2Parameters(memoryKiB: 8, iterations: 1)

    @Test("The right password matches and no other does")
    func verify() async throws {
        let hasher = PasswordHasher(parameters: Self.cheap, concurrency: 1)
        let hash = try await hasher.hash("p\u{E9}ssword", deadline: nil)
        #expect(try await hasher.verify("p\u{E9}ssword", against: hash, deadline: nil))
        #expect(try await hasher.verify("p\u{E9}sswore", against: hash, deadline: nil) == false)
        #expect(try await hasher.verify("", against: hash, deadline: nil) == false)
        #expect(try await hasher.verify("p\u{E9}ssword", against: nil, deadline: nil) == false)
    }

    @Test("The same password has another hash each time")
    func salted() async throws {
        let hasher = PasswordHasher(parameters: Self.cheap, concurrency: 1)
        #expect(try await hasher.hash("password", deadline: nil) != hasher.hash("password", deadline: nil))
    }

    @Test("Many passwords at once are all answered")
    func many() async throws {
        let hasher = PasswordHasher(parameters: Self.cheap, concurrency: 3)
        let hash = try await hasher.hash("password 7", deadline: nil)
        let matches = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask { try await hasher.verify("password \(number % 20)", against: hash, deadline: nil) }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(matches == 10)
    }

    @Test("A password too many is refused at once, and those before it are answered")
    func bounded() async throws {
        let queue = PasswordQueue(concurrency: 1, waitingLimit: 2, networkLimit: 2)
        defer { queue.stop() }
        let gate = Barrier()
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                try await queue.run(for: nil, deadline: nil) {
                    gate.wait()
                    return 0
                }
            }
            try await eventually("the first is computed") { gate.isReached }
            for number in 1...2 { group.addTask { try await queue.run(for: nil, deadline: nil) { number } } }
            try await eventually("two wait", { queue.statistics.waiting }, is: { $0 == 2 })
            await #expect(throws: ServiceError.overloaded) {
                try await queue.run(for: nil, deadline: nil) { 3 }
            }
            #expect(queue.statistics.refused == 1)
            gate.open()
            var answers: Set<Int> = []
            for try await answer in group { answers.insert(answer) }
            #expect(answers == [0, 1, 2])
        }
    }

    @Test("Of one network only so many wait, and others are not refused for it")
    func networkBound() async throws {
        let queue = PasswordQueue(concurrency: 1, waitingLimit: 10, networkLimit: 1)
        defer { queue.stop() }
        let gate = Barrier()
        let (one, other) = (try #require(IPAddress("192.0.2.1")), try #require(IPAddress("192.0.2.2")))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await queue.run(for: one, deadline: nil) { gate.wait() } }
            try await eventually("the first is computed") { gate.isReached }
            for network in [one, other, nil, nil] {
                group.addTask { try await queue.run(for: network, deadline: nil) {} }
            }
            try await eventually("four wait", { queue.statistics.waiting }, is: { $0 == 4 })
            let error = await #expect(throws: ServiceError.self) {
                try await queue.run(for: one, deadline: nil) {}
            }
            #expect(error?.code == .rateLimited && error?.retryAfter == 1)
            gate.open()
            try await group.waitForAll()
        }
    }

    @Test("Who asks from elsewhere waits for one of a long line, and takes its place when the queue is full")
    func fair() async throws {
        let queue = PasswordQueue(concurrency: 1, waitingLimit: 4, networkLimit: 4)
        defer { queue.stop() }
        let (gate, order) = (Barrier(), Recorder<String>())
        let (flooder, other) = (try #require(IPAddress("192.0.2.1")), try #require(IPAddress("192.0.2.2")))
        try await withThrowingTaskGroup(of: ErrorCode?.self) { group in
            group.addTask {
                try await queue.run(for: flooder, deadline: nil) { gate.wait() }
                return nil
            }
            try await eventually("the first is computed") { gate.isReached }
            for number in 1...4 {
                group.addTask {
                    try await refusalIfAny {
                        try await queue.run(for: flooder, deadline: nil) { order.record("flooder") }
                    }?.code
                }
                try await eventually("it waits", { queue.statistics.waiting }, is: { $0 == number })
            }
            group.addTask {
                try await queue.run(for: other, deadline: nil) { order.record("other") }
                return nil
            }
            try await eventually("one made room", { queue.statistics.refused }, is: { $0 == 1 })
            gate.open()
            var codes: [ErrorCode] = []
            for try await code in group { if let code { codes.append(code) } }
            #expect(codes == [.serviceUnavailable])
        }
        #expect(order.all == ["flooder", "other", "flooder", "flooder"])
    }

    @Test("A password whose caller has given up is not computed")
    func late() async throws {
        let queue = PasswordQueue(concurrency: 1, waitingLimit: 2, networkLimit: 2)
        defer { queue.stop() }
        let isComputed = Mutex(false)
        let error = await #expect(throws: ServiceError.self) {
            try await queue.run(for: nil, deadline: .now - .seconds(1)) { isComputed.withLock { $0 = true } }
        }
        #expect(error?.code == .upstreamTimeout && !isComputed.withLock { $0 })
    }

    @Test("An error of the computation reaches the caller")
    func failing() async {
        let hasher = PasswordHasher(parameters: Argon2Parameters(memoryKiB: 0), concurrency: 1)
        await #expect(throws: Argon2Error.self) { try await hasher.hash("password", deadline: nil) }
    }
}
