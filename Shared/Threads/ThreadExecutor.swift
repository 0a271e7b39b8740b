internal import Synchronization

/// Runs tasks on a thread that does other things as well: whoever owns that thread calls `run` in its rounds.
///
/// So what the thread has read is worked on, and what that leads to written, without a switch to another thread. Tasks
/// on it must not block.
package final class ThreadExecutor: TaskExecutor {
    private let wakeup: Wakeup
    /// What came since the thread last took it all.
    private let jobs = Mutex<[UnownedJob]>([])

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

    /// Runs what has been enqueued, and what that enqueues, for at most `rounds`. On the thread only.
    ///
    /// - Returns: whether there is more.
    package func run(rounds: Int) -> Bool {
        for _ in 0..<rounds {
            let taken = jobs.withLock { jobs in
                defer { jobs = [] }
                return jobs
            }
            if taken.isEmpty { return false }
            for job in taken { job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
        return jobs.withLock { !$0.isEmpty }
    }
}
