import Synchronization
import Threads

/// What a caller waits for: a closure to run on a connection's thread.
///
/// Whoever holds it owes the caller exactly one of `run` and `refuse`. It is held by one place at a time: the queue,
/// then a worker.
struct Work: Sendable {
    /// What the worker that ran it does next.
    enum Outcome: Sendable {
        /// Done; `answer` gives the caller its result, which then goes on.
        case done(answer: @Sendable () -> Void)
        /// The connection was lost and nothing was done: may be run once more, on another one.
        case again
    }

    /// Runs the closure. The second parameter says whether `.again` may be answered.
    let run: @Sendable (PostgresConnection, Bool) -> Outcome
    /// Answers with an error, without running anything.
    let refuse: @Sendable (any Error) -> Void
    let ticket: Ticket
    /// Until when it may wait for a connection.
    var deadline: Deadline
    /// It already ran once, on a connection that was lost.
    var isRepeat = false

    /// By which a caller takes its work back out of the queue.
    final class Ticket: Sendable {
        let isCancelled = Atomic(false)
    }
}

extension Work {
    /// Work whose closure gives its result to `continuation`.
    static func make<R: Sendable>(
        _ program: Program<R>, ticket: Ticket, deadline: Deadline, continuation: CheckedContinuation<R, any Error>
    ) -> Work {
        Work(
            run: { connection, mayRepeat in
                switch program.run(on: connection) {
                case .success(let value): .done { continuation.resume(returning: value) }
                case .lost where mayRepeat: .again
                case .failure(let error), .lost(let error): .done { continuation.resume(throwing: error) }
                }
            },
            refuse: { continuation.resume(throwing: $0) }, ticket: ticket, deadline: deadline)
    }
}
