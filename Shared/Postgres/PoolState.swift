import Synchronization
import Threads

/// Who waits and who works: every decision of the pool, without any I/O, so that all of it happens under one short
/// lock.
///
/// Work always goes through the queue: a freed worker takes the first of it, so under load nobody has to be woken.
struct PoolState {
    /// What the caller of `submit` has to do.
    enum Submission {
        case refused(any Error)
        case wake(PoolWorker)
        case startWorker
        case queued
    }

    /// What a worker with a connection does next.
    enum Turn {
        case run(Work)
        case rest
        case stop
    }

    private let poolSize: Int
    private let maxWaiting: Int
    private var queue = WorkQueue()
    /// Work that lost its connection. Only for connections that have just been made: another one of old may be as lost.
    private var repeats = WorkQueue()
    /// The last to rest is the first to be woken: its memory is the warmest.
    private var resting: [PoolWorker] = []
    /// Workers without a connection, who may be waiting for their next attempt.
    private var connecting: [PoolWorker] = []
    private var workers = 0
    private(set) var statistics = DatabaseStatistics()
    private(set) var isClosing = false
    /// Why there is no connection, while there is none.
    private var lastFailure: DatabaseError?

    init(poolSize: Int, maxWaiting: Int) {
        self.poolSize = max(1, poolSize)
        self.maxWaiting = max(1, maxWaiting)
    }

    var snapshot: DatabaseStatistics {
        var snapshot = statistics
        snapshot.waiting = queue.count + repeats.count
        return snapshot
    }

    var isEmpty: Bool { workers == 0 }

    var earliestDeadline: Deadline? { [queue.earliestDeadline, repeats.earliestDeadline].compactMap { $0 }.min() }

    private var isDemanded: Bool { !queue.isEmpty || !repeats.isEmpty }

    // MARK: Callers

    mutating func submit(_ work: Work) -> Submission {
        if work.ticket.isCancelled.load(ordering: .relaxed) { return .refused(CancellationError()) }
        if isClosing { return .refused(DatabaseError(.closed, "the database is shut down")) }
        // Work for which a worker rests does not wait; what may wait is bounded.
        guard queue.count < maxWaiting + resting.count else {
            statistics.refused += 1
            return .refused(DatabaseError(.poolExhausted, "\(maxWaiting) calls already wait for a connection"))
        }
        queue.append(work)
        if let worker = resting.popLast() { return .wake(worker) }
        guard workers < poolSize else { return .queued }
        workers += 1
        return .startWorker
    }

    mutating func cancel(_ ticket: Work.Ticket) -> Work? { queue.remove(ticket) ?? repeats.remove(ticket) }

    /// Work that waited too long, and the error it is refused with.
    mutating func expire(at now: Deadline) -> (works: [Work], error: DatabaseError) {
        let expired = repeats.removeExpired(at: now) + queue.removeExpired(at: now)
        statistics.refused += expired.count
        return (
            expired, statistics.open == 0 ? unavailable : DatabaseError(.acquireTimeout, "all connections stayed busy")
        )
    }

    private var unavailable: DatabaseError {
        DatabaseError(.unavailable, lastFailure?.message ?? "no connection was made in time", cause: lastFailure)
    }

    // MARK: Workers

    /// Whether a worker without a connection makes one: as long as somebody waits for it, or it is the only one left to
    /// notice that the database is back. If not, the worker is gone.
    mutating func shouldConnect(_ worker: PoolWorker, isFirst: Bool) -> Bool {
        connecting.removeAll { $0 === worker }
        guard isDemanded || !isClosing && (isFirst || workers == 1) else {
            workers -= 1
            return false
        }
        connecting.append(worker)
        return true
    }

    /// `true` when there was no connection before, after a failure.
    mutating func connected(_ worker: PoolWorker) -> Bool {
        connecting.removeAll { $0 === worker }
        statistics.open += 1
        defer { lastFailure = nil }
        return lastFailure != nil
    }

    /// `true` when it is the first failure after a success.
    mutating func failedToConnect(_ error: DatabaseError) -> Bool {
        defer { lastFailure = error }
        return lastFailure == nil
    }

    /// No thread could be had for a worker.
    mutating func failedToStart(_ error: DatabaseError) {
        workers -= 1
        lastFailure = error
    }

    /// Somebody waits, and there is not one worker, because no thread could be had.
    var missesWorker: Bool { workers == 0 && isDemanded && !isClosing }

    /// Whether a worker is to be started in place of one for which there was no thread.
    mutating func replaceMissingWorker() -> Bool {
        guard missesWorker else { return false }
        workers += 1
        return true
    }

    /// What `worker` does now that it has nothing to do. `isFresh`: for the first time since its connection was made.
    mutating func next(for worker: PoolWorker, isFresh: Bool) -> Turn {
        if let work = isFresh ? repeats.popFirst() ?? queue.popFirst() : queue.popFirst() {
            statistics.inUse += 1
            return .run(work)
        }
        if isClosing {
            workers -= 1
            statistics.open -= 1
            return .stop
        }
        resting.append(worker)
        return .rest
    }

    /// The worker is awake, by whatever woke it.
    mutating func woke(_ worker: PoolWorker) {
        if let index = resting.lastIndex(where: { $0 === worker }) { resting.remove(at: index) }
    }

    mutating func finished() {
        statistics.inUse -= 1
        statistics.executed += 1
    }

    /// Work is to be run once more. The worker that lost its connection comes back with a new one for it. `false` if
    /// its caller no longer waits.
    mutating func requeue(_ work: Work) -> Bool {
        statistics.inUse -= 1
        guard !work.ticket.isCancelled.load(ordering: .relaxed) else { return false }
        repeats.append(work)
        return true
    }

    /// A connection was lost. Returns a resting worker to wake, if somebody waits whom the loser was to serve.
    mutating func lostConnection() -> PoolWorker? {
        statistics.open -= 1
        statistics.lost += 1
        return queue.isEmpty ? nil : resting.popLast()
    }

    // MARK: End

    /// Returns the workers to wake so that they stop. The others look for themselves when they are done.
    mutating func close() -> [PoolWorker] {
        isClosing = true
        defer { resting = [] }
        return resting + connecting
    }

    mutating func abandonQueue() -> [Work] { repeats.removeExpired(at: nil) + queue.removeExpired(at: nil) }
}
