import Dispatch
import Foundation
import Messaging
import Primitives
import Synchronization

/// The threads that compute password hashes, and what waits for them: clients' networks take turns.
///
/// Threads and not tasks: a computation that lasts this long must not hold a thread of Swift's pool, which has one for
/// each processor.
final class PasswordQueue: Sendable {
    private struct Job: Sendable {
        var deadline: ContinuousClock.Instant?
        /// Does the work, or only answers when there is an error, which is what keeps it from being done.
        var perform: @Sendable (_ error: ServiceError?) -> Void
    }

    private struct State {
        /// By network; what no client asked for is of none.
        var waiting: FairLine<IPAddress?, Job>
        var isStopped = false
        var refused = 0
    }

    private let state: Mutex<State>
    /// Signalled once for each job, and once for each thread at the end.
    private let signal = DispatchSemaphore(value: 0)
    private let concurrency: Int
    private let networkLimit: Int

    /// - Parameters:
    ///   - waitingLimit: how many may wait.
    ///   - networkLimit: how many of one network. What is of none, as what operators ask for, is not bounded by it.
    init(concurrency: Int, waitingLimit: Int, networkLimit: Int) {
        self.concurrency = concurrency
        self.networkLimit = networkLimit
        state = Mutex(State(waiting: FairLine(limit: waitingLimit)))
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
    ///
    /// - Parameter network: whose turn it takes.
    /// - Throws: `rate-limited` when too many of the network wait, `service-unavailable` when too many do at all,
    ///   `upstream-timeout` when its turn comes after `deadline`.
    func run<Result: Sendable>(
        for network: IPAddress?, deadline: ContinuousClock.Instant?, _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let job = Job(deadline: deadline) { error in
                if let error {
                    continuation.resume(throwing: error)
                } else {
                    continuation.resume(with: Swift.Result(catching: body))
                }
            }
            let addition = state.withLock { state in
                let addition = state.waiting.add(job, of: network, atMost: network == nil ? .max : networkLimit)
                if case .taken = addition {} else { state.refused += 1 }
                return addition
            }
            switch addition {
            case .taken: signal.signal()
            // The signal of the one that made room is this one's.
            case .takenFor(let dropped): dropped.perform(.overloaded)
            case .tooManyOfKey: continuation.resume(throwing: Self.tooManyOfNetwork)
            case .full: continuation.resume(throwing: ServiceError.overloaded)
            }
        }
    }

    private static let tooManyOfNetwork = ServiceError(
        .rateLimited, "Too many passwords from your network wait to be looked at.", retryAfter: 1)

    private func work() {
        // Linux: for the calling thread alone, SCHED_IDLE (sched(7)). A burst of logins must not slow down what is
        // quick. A low priority does not do: its time slices are as long as any, and whoever is called while one runs
        // waits for its end.
        var parameters = sched_param()
        _ = sched_setscheduler(0, 5, &parameters)
        while true {
            signal.wait()
            let (job, isStopped) = state.withLock { state in
                (state.waiting.next(), state.isStopped)
            }
            if let job {
                let isLate = job.deadline.map { $0 <= .now } ?? false
                job.perform(isLate ? .tooLate : nil)
            } else if isStopped {
                return
            }
        }
    }
}
