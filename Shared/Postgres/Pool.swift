import Logging
import Synchronization
import Threads

/// Connections, each with a thread, and the calls that wait for one.
final class Pool: Sendable {
    let parameters: ConnectionParameters
    private let acquireTimeout: Duration
    private let shutdownTimeout: Duration
    private let logger: Logger
    private let state: Mutex<PoolState>
    private let clock: Mutex<Clock>
    /// Whether the clock's thread was started: looked at by every call, so without a lock.
    private let hasClock = Atomic(false)
    private let startThread: ThreadStart

    /// Runs a closure on a thread of its own. Throws `.unavailable` when the system gives none.
    typealias ThreadStart = @Sendable (@escaping @Sendable () -> Void) throws(DatabaseError) -> Void

    /// The thread that refuses work past its deadline, and those that wait for the end.
    private struct Clock {
        var wakeup: Wakeup?
        /// It will look at the queue by itself, soon enough for whatever is put there now.
        var isArmed = false
        /// When those who wait for the end are told so, though work is still running.
        var shutdownDeadline: Deadline?
        var ending: [CheckedContinuation<Void, Never>] = []
    }

    init(
        configuration: DatabaseConfiguration, logger: Logger,
        startThread: @escaping ThreadStart = { body throws(DatabaseError) in
            try DatabaseError.wrapping { () throws(SystemShortage) in try OSThread.start(body) }
        }
    ) {
        parameters = configuration.parameters()
        acquireTimeout = configuration.acquireTimeout
        shutdownTimeout = configuration.shutdownTimeout
        self.logger = logger
        self.startThread = startThread
        state = Mutex(PoolState(poolSize: configuration.poolSize, maxWaiting: configuration.maxWaiting))
        clock = Mutex(Clock())
    }

    var statistics: DatabaseStatistics { state.withLock { $0.snapshot } }
}

// MARK: Callers

extension Pool {
    /// Runs `program` on the first connection to be free. A caller that is cancelled while it waits leaves at once;
    /// running work runs on.
    func run<R: Sendable>(_ program: Program<R>) async throws -> R {
        let ticket = Work.Ticket()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                submit(.make(program, ticket: ticket, deadline: .after(acquireTimeout), continuation: continuation))
            }
        } onCancel: {
            // Set before the lock is taken: work that is not in the queue by then is refused on its way into it.
            ticket.isCancelled.store(true, ordering: .relaxed)
            state.withLock { $0.cancel(ticket) }?.refuse(CancellationError())
        }
    }

    private func submit(_ work: Work) {
        // Work that nobody would refuse in time is not taken.
        do { try requireClock() } catch { return work.refuse(error) }
        switch state.withLock({ $0.submit(work) }) {
        case .refused(let error): work.refuse(error)
        case .wake(let worker): worker.wakeup.signal()
        case .startWorker: startWorker()
        case .queued: break
        }
        armClock()
    }

    private func startWorker() {
        do {
            let worker = try PoolWorker(pool: self)
            try startThread { worker.main() }
        } catch {
            // Where this was to be the only worker, the clock tries again as long as somebody waits.
            state.withLock { $0.failedToStart(error) }
            logger.error("No thread for a database connection", metadata: ["error": "\(error)"])
            wakeClock()
        }
    }
}

// MARK: Workers

extension Pool {
    func shouldConnect(_ worker: PoolWorker, isFirst: Bool) -> Bool {
        let (should, isEnd) = state.withLock { ($0.shouldConnect(worker, isFirst: isFirst), $0.isEmpty) }
        if isEnd { wakeClock() }
        return should
    }

    func connected(_ worker: PoolWorker) {
        if state.withLock({ $0.connected(worker) }) { logger.info("Database connected again") }
    }

    func failedToConnect(_ error: DatabaseError) {
        guard state.withLock({ $0.failedToConnect(error) }) else { return }
        logger.warning("Database connection failed, trying again", metadata: ["error": "\(error)"])
    }

    func next(for worker: PoolWorker, isFresh: Bool) -> PoolState.Turn {
        let (turn, isEnd) = state.withLock { ($0.next(for: worker, isFresh: isFresh), $0.isEmpty) }
        if isEnd { wakeClock() }
        return turn
    }

    func woke(_ worker: PoolWorker) { state.withLock { $0.woke(worker) } }

    func finished() { state.withLock { $0.finished() } }

    func finishedAndNext(for worker: PoolWorker) -> PoolState.Turn {
        let (turn, isEnd) = state.withLock { state in
            state.finished()
            return (state.next(for: worker, isFresh: false), state.isEmpty)
        }
        if isEnd { wakeClock() }
        return turn
    }

    /// Work that lost its connection waits for another one as long as new work would, and is run no third time.
    func requeue(_ work: Work) {
        var again = work
        again.isRepeat = true
        again.deadline = .after(acquireTimeout)
        if state.withLock({ [again] in $0.requeue(again) }) { armClock() } else { work.refuse(CancellationError()) }
    }

    func lostConnection(reason: String) {
        logger.info("Database connection lost", metadata: ["reason": "\(reason)"])
        state.withLock { $0.lostConnection() }?.wakeup.signal()
    }
}

// MARK: Clock

extension Pool {
    /// Makes sure that the clock's thread looks at the queue in time. Costs a wake every `acquireTimeout` at most.
    private func armClock() {
        let isArmed = clock.withLock { clock in
            defer { clock.isArmed = true }
            return clock.isArmed
        }
        if !isArmed { wakeClock() }
    }

    private func wakeClock() { clock.withLock { $0.wakeup }?.signal() }

    /// Starts the clock's thread unless it was. One that could not be had is asked for again by the next call.
    private func requireClock() throws(DatabaseError) {
        guard !hasClock.load(ordering: .acquiring) else { return }
        do {
            try clock.withLock { clock throws(DatabaseError) in
                guard clock.wakeup == nil else { return }
                let wakeup = try DatabaseError.wrapping(Wakeup.init)
                try startThread { self.runClock(wakeup) }
                clock.wakeup = wakeup
            }
        } catch {
            logger.error("No thread for the timeouts of the database", metadata: ["error": "\(error)"])
            throw error
        }
        hasClock.store(true, ordering: .releasing)
    }

    private func runClock(_ wakeup: Wakeup) {
        while true {
            let expired = state.withLock { $0.expire(at: .now) }
            for work in expired.works { work.refuse(expired.error) }
            if state.withLock({ $0.replaceMissingWorker() }) { startWorker() }
            let isOver = state.withLock { $0.isClosing && $0.isEmpty }
            if isOver { refuseQueue() }
            if isOver || endIfLate() {
                finishShutdown()
                if isOver { return }
            }
            wakeup.wait(until: nextLook())
        }
    }

    /// When the clock looks again; `nil` when nothing waits.
    private func nextLook() -> Deadline? {
        clock.withLock { clock in
            // Under the clock's lock, so that whoever puts work into an empty queue after this finds the clock not
            // armed.
            let (earliest, isMissing) = state.withLock { ($0.earliestDeadline, $0.missesWorker) }
            clock.isArmed = earliest != nil
            let retry: Deadline? = isMissing ? .after(.milliseconds(100)) : nil
            return [earliest, retry, clock.shutdownDeadline].compactMap { $0 }.min()
        }
    }
}

// MARK: End

extension Pool {
    /// Refuses new work. Workers stop when the queue is empty.
    func close() {
        for worker in state.withLock({ $0.close() }) { worker.wakeup.signal() }
        clock.withLock { $0.wakeup }?.signal()
    }

    /// Closes, and waits until all workers have stopped, at most for the configuration's `shutdownTimeout`.
    func shutDown() async {
        close()
        await withCheckedContinuation { continuation in
            let wakeup: Wakeup? = clock.withLock { clock in
                // Under the clock's lock: its thread, which ends with the last worker, takes those who wait under the
                // same lock.
                guard let wakeup = clock.wakeup, !state.withLock({ $0.isEmpty }) else { return nil }
                clock.ending.append(continuation)
                if clock.shutdownDeadline == nil { clock.shutdownDeadline = .after(shutdownTimeout) }
                return wakeup
            }
            if let wakeup { wakeup.signal() } else { continuation.resume() }
        }
    }

    private func endIfLate() -> Bool {
        guard let deadline = clock.withLock({ $0.shutdownDeadline }), deadline.isPast else { return false }
        logger.warning("Database work is still running at shutdown", metadata: ["connections": "\(statistics.inUse)"])
        refuseQueue()
        return true
    }

    private func refuseQueue() {
        for work in state.withLock({ $0.abandonQueue() }) {
            work.refuse(DatabaseError(.closed, "the database was shut down before the call had its turn"))
        }
    }

    private func finishShutdown() {
        let ending = clock.withLock { clock in
            defer { clock.ending = [] }
            clock.shutdownDeadline = nil
            return clock.ending
        }
        for continuation in ending { continuation.resume() }
    }
}
