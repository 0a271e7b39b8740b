internal import Foundation
internal import Glibc
internal import Synchronization

/// How a process ended.
package enum ProcessExit: Sendable, Equatable, CustomStringConvertible {
    case status(Int32)
    case signal(Int32)

    package var description: String {
        switch self {
        case .status(let status): "exited with status \(status)"
        case .signal(let signal): "was killed by signal \(signal)"
        }
    }
}

/// A running child process.
///
/// It stands in a process group of its own, so that Ctrl-C in a terminal reaches only the stack, which then stops its
/// children in order. `setpriv` makes the kernel signal it should the stack be killed, and changes to the plan's user.
package final class ChildProcess: Sendable {
    private struct State {
        var exit: ProcessExit?
        var waiters: [CheckedContinuation<ProcessExit, Never>] = []
    }

    package let pid: Int32
    private let state = Mutex(State())

    private init(pid: Int32) {
        self.pid = pid
    }

    /// Starts the process.
    ///
    /// - Throws: `StackError` when the executable is missing or the system refuses.
    package static func start(_ plan: ProcessPlan) async throws -> ChildProcess {
        guard access(plan.executable, X_OK) == 0 else {
            throw StackError("\(plan.name): \(plan.executable) is missing or not executable.")
        }
        return try await withCheckedThrowingContinuation { continuation in
            // One thread for the child's whole life: the kernel takes the death of the thread that started a child for
            // its parent's, so the thread must not end before the child.
            let thread = Thread {
                do {
                    let child = ChildProcess(pid: try spawn(plan))
                    continuation.resume(returning: child)
                    child.waitAndReap()
                } catch {
                    continuation.resume(throwing: error)
                }
            }
            thread.stackSize = 256 * 1024
            thread.start()
        }
    }

    /// Sends a signal unless the process has ended: its number may then belong to another.
    package func signal(_ signal: Int32) {
        state.withLock { state in
            if state.exit == nil { _ = kill(pid, signal) }
        }
    }

    /// Waits for the end.
    package func exit() async -> ProcessExit {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state -> ProcessExit? in
                if state.exit == nil { state.waiters.append(continuation) }
                return state.exit
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    /// Waits for the end no longer than `limit`; `nil` when it still runs.
    package func exit(within limit: Duration) async -> ProcessExit? {
        let deadline = ContinuousClock.now + limit
        while true {
            if let exit = state.withLock({ $0.exit }) { return exit }
            if ContinuousClock.now >= deadline { return nil }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    private func waitAndReap() {
        var info = siginfo_t()
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        let (exit, waiters) = state.withLock { state in
            // Reaped under the lock: until here the number is the child's own, after it nobody signals.
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
            let exit: ProcessExit = status & 0x7f == 0 ? .status((status >> 8) & 0xff) : .signal(status & 0x7f)
            state.exit = exit
            defer { state.waiters = [] }
            return (exit, state.waiters)
        }
        for waiter in waiters { waiter.resume(returning: exit) }
    }
}
