internal import Synchronization

/// What can wake a task later, at less cost than the clock of Swift's shared pool: that has a thread for its timers and
/// another for what they wake, which is most of what a process does that has nothing to do.
package protocol Timers: Sendable {
    /// Calls `body` once, soon after `deadline`, on a thread of its own; the closure that is given back calls that off.
    func schedule(at deadline: Deadline, _ body: @escaping @Sendable () -> Void) -> @Sendable () -> Void
}

/// Waiting by the timers of the process.
package enum Pause {
    /// Those of the thread on which a process runs its tasks; elsewhere Swift's own clock.
    @TaskLocal package static var timers: any Timers = SwiftTimers()

    /// Returns after `duration`. Throws `CancellationError` at once when the task is cancelled.
    ///
    /// - Parameter begins: gets what ends the wait before its time; to be kept by whoever knows when, and called from
    ///   anywhere, as often as one likes.
    package static func sleep(
        for duration: Duration, begins: (@escaping @Sendable () -> Void) -> Void = { _ in }
    ) async throws {
        let (deadline, timers, sleeper) = (Deadline.after(duration), timers, Sleeper())
        begins { sleeper.wake() }
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                sleeper.begin(continuation) { timers.schedule(at: deadline) { sleeper.wake() } }
            }
        } onCancel: {
            sleeper.wake()
        }
        try Task.checkCancellation()
    }

    /// The same until an instant.
    package static func sleep(until instant: ContinuousClock.Instant) async throws {
        try await sleep(for: ContinuousClock.now.duration(to: instant))
    }
}

/// Swift's own clock, for what runs outside of a process's thread, as in tests. Each timer is a task of its own: who
/// sleeps waits for nothing but its call, and ends it when it is woken by something else.
private struct SwiftTimers: Timers {
    func schedule(at deadline: Deadline, _ body: @escaping @Sendable () -> Void) -> @Sendable () -> Void {
        let timer = Task {
            try await Task.sleep(for: deadline.timeLeft)
            body()
        }
        return { timer.cancel() }
    }
}

/// A task that sleeps: woken once, by its timer or by whoever cancels it.
private final class Sleeper: Sendable {
    private struct State {
        var continuation: UnsafeContinuation<Void, Never>?
        var callOff: (@Sendable () -> Void)?
        var isAwake = false
    }

    private let state = Mutex(State())

    func begin(_ continuation: UnsafeContinuation<Void, Never>, schedule: () -> @Sendable () -> Void) {
        let mayWait = state.withLock { state in
            if !state.isAwake { state.continuation = continuation }
            return !state.isAwake
        }
        guard mayWait else { return continuation.resume() }
        let callOff = schedule()
        let isOver = state.withLock { state in
            if !state.isAwake { state.callOff = callOff }
            return state.isAwake
        }
        if isOver { callOff() }
    }

    func wake() {
        let (continuation, callOff) = state.withLock { state in
            state.isAwake = true
            defer {
                state.continuation = nil
                state.callOff = nil
            }
            return (state.continuation, state.callOff)
        }
        callOff?()
        continuation?.resume()
    }
}
