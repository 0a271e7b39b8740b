package import NIOCore
import NIOPosix
package import Threads

/// Runs tasks on an event loop's own thread.
///
/// Swift's shared pool wakes one of its threads for each task that can go on, and on few cores that switching is most
/// of what a small request costs. An event loop takes what has gathered in one go. Tasks on it must not block; nothing
/// that blocks (libpq, password hashes) runs on Swift's threads anyway.
package final class EventLoopExecutor: TaskExecutor, Timers {
    private let loop: any EventLoop

    package init(_ loop: any EventLoop) { self.loop = loop }

    /// Runs the job on the loop's thread, in the order of the calls; from any thread.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// Calls `body` on the loop's thread.
    package func schedule(at deadline: Deadline, _ body: @escaping @Sendable () -> Void) -> @Sendable () -> Void {
        let timer = loop.scheduleTask(in: .nanoseconds(deadline.timeLeft.nanoseconds), body)
        return { timer.cancel() }
    }

    /// Calls `body` on this thread when it has done what it is at; `false` when it is no event loop's.
    package static func atEndOfTurn(_ body: @escaping @Sendable () -> Void) -> Bool {
        guard let loop = MultiThreadedEventLoopGroup.currentEventLoop else { return false }
        loop.execute(body)
        return true
    }
}
