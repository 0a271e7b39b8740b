import Glibc
import Synchronization
import Testing

/// Shut until opened once; for threads to wait at, and never for Swift's own.
package final class Barrier: Sendable {
    private let state = Mutex((isReached: false, isOpen: false))

    package init() {}

    package var isPassed: Bool { state.withLock { $0.isOpen } }

    /// Whether anybody came to wait.
    package var isReached: Bool { state.withLock { $0.isReached } }

    package func open() { state.withLock { $0.isOpen = true } }

    /// Blocks the thread, as long as a test waits at most; longer is a failure.
    package func wait() {
        state.withLock { $0.isReached = true }
        let end = ContinuousClock.now + .patience.slackened
        while !isPassed {
            guard ContinuousClock.now < end else { return _ = Issue.record("nobody opened the barrier in time") }
            usleep(1000)
        }
    }
}
