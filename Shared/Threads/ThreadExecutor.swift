internal import Synchronization

/// Runs tasks on a thread that does other things as well: whoever owns that thread calls `run` in its rounds.
///
/// So what the thread has read is worked on, and what that leads to written, without a switch to another thread. Tasks
/// on it must not block.
package final class ThreadExecutor: TaskExecutor, Timers {
    private let wakeup: Wakeup
    /// What came since the thread last took it all.
    private let jobs = Mutex<[UnownedJob]>([])
    private let timers = Mutex(TimerTable())

    /// - Parameter wakeup: wakes the thread.
    package init(wakeup: Wakeup) { self.wakeup = wakeup }

    /// Runs the job on the thread, in the order of the calls; from any thread.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isFirst = jobs.withLock { jobs in
            jobs.append(job)
            return jobs.count == 1
        }
        if isFirst { wakeup.signal() }
    }

    /// Calls `body` on the thread.
    package func schedule(at deadline: Deadline, _ body: @escaping @Sendable () -> Void) -> @Sendable () -> Void {
        let (number, isNext) = timers.withLock { $0.add(deadline, body) }
        // The thread may be about to wait for longer than that.
        if isNext { wakeup.signal() }
        return { [self] in timers.withLock { $0.remove(number) } }
    }

    private var nextTimer: Deadline? { timers.withLock { $0.next } }

    /// Whether `run` has something to do now.
    package var isBusy: Bool { jobs.withLock { !$0.isEmpty } || nextTimer?.isPast ?? false }

    /// How long the thread may wait, in milliseconds, as `Wakeup.wait` takes it: `most` (below 0: for ever), less where
    /// a timer is due before that, 0 where there is something to do.
    package func patience(_ most: Int32) -> Int32 {
        if isBusy { return 0 }
        guard let untilTimer = nextTimer?.pollTimeout else { return most }
        return most < 0 ? untilTimer : min(most, untilTimer)
    }

    /// Calls timers whose time has come, and runs what has been enqueued and what that enqueues, for at most `rounds`:
    /// what is left then is to wait for the thread's other work. On the thread only.
    package func run(rounds: Int) {
        if let next = nextTimer, next.isPast {
            for body in timers.withLock({ $0.takeDue(at: .now) }) { body() }
        }
        for _ in 0..<rounds {
            let taken = jobs.withLock { jobs in
                defer { jobs = [] }
                return jobs
            }
            if taken.isEmpty { return }
            for job in taken { job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
    }
}

/// Timers by the order in which they are due. Few at a time, so a list will do.
private struct TimerTable {
    private var timers: [(deadline: Deadline, number: UInt64, body: @Sendable () -> Void)] = []
    private var last: UInt64 = 0

    var next: Deadline? { timers.first?.deadline }

    /// - Returns: its number, and whether it is the first to be due.
    mutating func add(_ deadline: Deadline, _ body: @escaping @Sendable () -> Void) -> (UInt64, isNext: Bool) {
        last += 1
        let place = timers.firstIndex { $0.deadline > deadline } ?? timers.endIndex
        timers.insert((deadline, last, body), at: place)
        return (last, place == timers.startIndex)
    }

    mutating func remove(_ number: UInt64) { timers.removeAll { $0.number == number } }

    mutating func takeDue(at now: Deadline) -> [@Sendable () -> Void] {
        let count = timers.firstIndex { $0.deadline > now } ?? timers.count
        defer { timers.removeFirst(count) }
        return timers.prefix(count).map(\.body)
    }
}
