internal import Dispatch
internal import Glibc
internal import Synchronization
internal import Threads

/// Writes lines to standard error or standard output without ever making its caller wait, or ending the process.
///
/// A thread of its own writes what callers put into a bounded queue. When the queue is full because the reader stalls,
/// new lines are dropped; when a write fails (a full disk, a closed pipe), the lines of that write are. Either way the
/// lines are counted, and the next write that succeeds is followed by a line that says how many were lost.
///
/// A process that is killed loses what its queue holds, which is what came in the last moments; one that ends waits for
/// it (`endLimit`).
package final class LineWriter: Sendable {
    /// What became of the lines so far.
    package struct Statistics: Sendable, Equatable {
        /// Lines dropped because the queue was full, or because writing them failed.
        package var lost = 0
        /// Writes that failed.
        package var failures = 0
    }

    /// For logs, and for what a program says to its operator.
    package static let standardError = STDERR_FILENO
    /// For what a program was asked for.
    package static let standardOutput = STDOUT_FILENO

    /// How long the end of a process waits for a reader that does not read.
    package static let endLimit = Duration.seconds(2)

    /// The process's own: whatever way it ends by `exit`, it waits for this one.
    package static let standard: LineWriter = {
        atexit { LineWriter.standard.flush(within: LineWriter.endLimit) }
        return LineWriter()
    }()

    private struct State {
        var queue: LineQueue
        var statistics = Statistics()
        /// Lost and not said yet.
        var unsaid = 0
        /// Whether the thread exists. One that could not be had is asked for again with the next line.
        var hasThread = false
        /// Whether the thread works, or has been told that there is something to do.
        var isAwake = false
        var waiting: [DispatchSemaphore] = []
        /// How a loss is said.
        var notice: @Sendable (Int) -> String = { "\($0) lines were lost here: they could not be written in time.\n" }
    }

    private let state: Mutex<State>
    private let signal = DispatchSemaphore(value: 0)
    private let startThread: @Sendable (@escaping @Sendable () -> Void) -> Bool

    /// - Parameters:
    ///   - limit: bytes that may wait; as many again may be on their way.
    ///   - startThread: whether a thread could be had for the body.
    package init(
        limit: Int = 1024 * 1024,
        startThread: @escaping @Sendable (@escaping @Sendable () -> Void) -> Bool = LineWriter.hasStarted
    ) {
        state = Mutex(State(queue: LineQueue(limit: limit)))
        self.startThread = startThread
    }

    /// Runs `body` on a thread of its own; `false` when the system gives none.
    package static func hasStarted(_ body: @escaping @Sendable () -> Void) -> Bool {
        (try? OSThread.start(body)) != nil
    }

    /// As of now; both only grow.
    package var statistics: Statistics { state.withLock { $0.statistics } }

    /// From now on losses are said in this way: the number of lines becomes a line.
    package func sayLosses(_ notice: @escaping @Sendable (Int) -> String) { state.withLock { $0.notice = notice } }

    /// Takes a text of one or more whole lines. Never waits.
    package func write(_ text: String, to descriptor: Int32 = LineWriter.standardError) {
        let mustWake = state.withLock { state in
            let dropped = state.queue.append(text, to: descriptor)
            state.unsaid += dropped
            state.statistics.lost += dropped
            return wakes(&state)
        }
        if mustWake { signal.signal() }
    }

    /// Waits until everything is written, or was tried, and no longer than `limit`.
    ///
    /// - Returns: whether all was done in time.
    @discardableResult
    package func flush(within limit: Duration) -> Bool {
        let done = DispatchSemaphore(value: 0)
        let (isIdle, mustWake) = state.withLock { state in
            guard state.isAwake || !state.queue.isEmpty else { return (true, false) }
            state.waiting.append(done)
            return (false, wakes(&state))
        }
        if mustWake { signal.signal() }
        if isIdle { return true }
        let (seconds, attoseconds) = limit.components
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        return done.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .success
    }

    /// Under the lock. Whether the thread must be signalled; starts it when there is none.
    private func wakes(_ state: inout State) -> Bool {
        if !state.hasThread { state.hasThread = startThread { [self] in work() } }
        guard state.hasThread, !state.isAwake else { return false }
        state.isAwake = true
        return true
    }

    // MARK: The thread

    private func work() {
        var ends = LineEnds()
        while true {
            signal.wait()
            while let turn = next() { write(turn, &ends) }
        }
    }

    /// What is to be written, and how many lines are then to be called lost: those dropped so far came after it.
    private struct Turn {
        var batches: [LineQueue.Batch]
        var unsaid: Int
        var notice: @Sendable (Int) -> String
    }

    /// `nil` when the thread may rest.
    private func next() -> Turn? {
        let (turn, waiting) = state.withLock { state -> (Turn?, [DispatchSemaphore]) in
            if let batches = state.queue.takeAll() {
                return (Turn(batches: batches, unsaid: state.unsaid, notice: state.notice), [])
            }
            state.isAwake = false
            defer { state.waiting = [] }
            return (nil, state.waiting)
        }
        for semaphore in waiting { semaphore.signal() }
        return turn
    }

    private func write(_ turn: Turn, _ ends: inout LineEnds) {
        var taker: Int32?
        for batch in turn.batches {
            let lost = ends.write(batch.bytes, to: batch.descriptor)
            taker = lost == 0 ? batch.descriptor : nil
            guard lost > 0 else { continue }
            state.withLock { state in
                state.statistics.failures += 1
                state.statistics.lost += lost
                state.unsaid += lost
            }
        }
        guard turn.unsaid > 0, let taker else { return }
        // Not counted when it fails itself: the number stays to be said.
        if ends.write(Array(turn.notice(turn.unsaid).utf8), to: taker) == 0 {
            state.withLock { $0.unsaid -= turn.unsaid }
        }
    }
}
