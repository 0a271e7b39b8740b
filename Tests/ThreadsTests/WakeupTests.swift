import Glibc
import Synchronization
import Testing

@testable import Threads

@Suite("Waking a thread", .timeLimit(.minutes(2)))
struct WakeupTests {
    /// What the tests say about waits runs on threads of the system's: it blocks.
    private func onThread<R: Sendable>(_ body: @escaping @Sendable () -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try OSThread.start { continuation.resume(returning: body()) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    private final class Count: Sendable {
        let number = Atomic<Int>(0)
    }

    private static let never = Deadline.after(.seconds(60))

    @Test("A closure runs on a thread of its own")
    func thread() async throws {
        let threads = try await withThrowingTaskGroup(of: UInt.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try await onThread {
                        usleep(50_000)
                        return UInt(pthread_self())
                    }
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(threads.count == 8)
    }

    @Test("A signal ends the running wait, and one that comes before it the next, once")
    func signals() async throws {
        let wakeup = try Wakeup()
        wakeup.signal()
        wakeup.signal()
        let (first, second) = try await onThread {
            let begun = Deadline.now
            wakeup.wait(until: Self.never)
            let first = begun < .now && !Self.never.isPast
            let short = Deadline.after(.milliseconds(20))
            wakeup.wait(until: short)
            return (first, short.isPast)
        }
        #expect(first)
        #expect(second, "two signals before a wait are one")
        async let waiting: Void = onThread { wakeup.wait(until: Self.never) }
        wakeup.signal()
        try await waiting
        #expect(!Self.never.isPast)
    }

    @Test("Without a signal it waits for its time, and for nothing when that is past")
    func time() async throws {
        let wakeup = try Wakeup()
        let isPast = try await onThread {
            let deadline = Deadline.after(.milliseconds(30))
            let isReady = wakeup.wait(until: deadline)
            wakeup.wait(until: .after(.seconds(-5)))
            return deadline.isPast && !isReady
        }
        #expect(isPast)
    }

    @Test("A descriptor that is ready ends it and is told; a signal alone tells of none")
    func descriptor() async throws {
        let wakeup = try Wakeup()
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let (own, other) = (ends[0], ends[1])
        defer { close(own) }
        wakeup.signal()
        let bySignal = try await onThread { wakeup.wait(socket: own, until: Self.never) }
        #expect(!bySignal)
        let canWrite = try await onThread {
            wakeup.wait(milliseconds: 60_000, socket: own, events: Int16(POLLIN | POLLOUT))
        }
        #expect(canWrite == Int16(POLLOUT))
        close(other)
        let byEnd = try await onThread { wakeup.wait(socket: own, until: Self.never) }
        #expect(byEnd)
    }

    @Test("No signal is lost, however many threads signal while it falls asleep and wakes")
    func storm() async throws {
        let wakeup = try Wakeup()
        let sent = Count()
        let (threads, each) = (4, 5000)
        async let seen = onThread {
            var rounds = 0
            while sent.number.load(ordering: .sequentiallyConsistent) < threads * each {
                // A lost signal would let this wait to its end.
                let deadline = Deadline.after(.seconds(30))
                wakeup.wait(until: deadline)
                guard !deadline.isPast else { return -1 }
                rounds += 1
            }
            return rounds
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<threads {
                group.addTask {
                    try await onThread {
                        for _ in 0..<each {
                            sent.number.wrappingAdd(1, ordering: .sequentiallyConsistent)
                            wakeup.signal()
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await seen >= 0)
    }

    @Test("Without descriptors it wakes by its time alone, and a signal harms nothing")
    func withoutDescriptors() async throws {
        let wakeup = Wakeup(readEnd: -1, writeEnd: -1)
        let isPast = try await onThread {
            let deadline = Deadline.after(.milliseconds(20))
            wakeup.signal()
            wakeup.wait(milliseconds: 0)
            wakeup.wait(until: deadline)
            wakeup.signal()
            return deadline.isPast
        }
        #expect(isPast)
    }
}
