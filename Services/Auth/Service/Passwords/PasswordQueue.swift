import Dispatch
import Foundation
import Messaging
import Primitives
import Synchronization

/// The threads that compute password hashes, and what waits for them.
///
/// Threads and not tasks: a computation that lasts this long must not hold a thread of Swift's pool, which has one for
/// each processor.
final class PasswordQueue: Sendable {
    private struct Job: Sendable {
        var deadline: ContinuousClock.Instant?
        /// Does the work, or only answers when nobody waits for it any more.
        var perform: @Sendable (_ isLate: Bool) -> Void
    }

    private struct State {
        var waiting: [Job] = []
        var isStopped = false
        var refused = 0
    }

    private let state = Mutex(State())
    /// Signalled once for each job, and once for each thread at the end.
    private let signal = DispatchSemaphore(value: 0)
    private let concurrency: Int
    private let waitingLimit: Int

    init(concurrency: Int, waitingLimit: Int) {
        self.concurrency = concurrency
        self.waitingLimit = waitingLimit
        for number in 1...concurrency {
            Thread.detachNewThread { [self] in
                Thread.current.name = "password-\(number)"
                work()
            }
        }
    }

    /// Ends the threads once they have done what waits.
    func stop() {
        state.withLock { $0.isStopped = true }
        for _ in 0..<concurrency { signal.signal() }
    }

    var statistics: (waiting: Int, refused: Int) { state.withLock { ($0.waiting.count, $0.refused) } }

    /// Runs `body` on one of the threads.
    /// - Throws: `service-unavailable` when too many wait, `upstream-timeout` when its turn comes after `deadline`.
    func run<Result: Sendable>(
        deadline: ContinuousClock.Instant?, _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let job = Job(deadline: deadline) { isLate in
                if isLate {
                    continuation.resume(throwing: ServiceError.tooLate)
                } else {
                    continuation.resume(with: Swift.Result(catching: body))
                }
            }
            let isTaken = state.withLock { state in
                guard state.waiting.count < waitingLimit else {
                    state.refused += 1
                    return false
                }
                state.waiting.append(job)
                return true
            }
            if isTaken { signal.signal() } else { continuation.resume(throwing: ServiceError.overloaded) }
        }
    }

    private func work() {
        // Linux: for the calling thread alone, SCHED_IDLE (sched(7)). A burst of logins must not slow down what is
        // quick. A low priority does not do: its time slices are as long as any, and whoever is called while one runs
        // waits for its end.
        var parameters = sched_param()
        _ = sched_setscheduler(0, 5, &parameters)
        while true {
            signal.wait()
            let (job, isStopped) = state.withLock { state in
                (state.waiting.isEmpty ? nil : state.waiting.removeFirst(), state.isStopped)
            }
            if let job {
                let isLate = job.deadline.map { $0 <= .now } ?? false
                job.perform(isLate)
            } else if isStopped {
                return
            }
        }
    }
}
