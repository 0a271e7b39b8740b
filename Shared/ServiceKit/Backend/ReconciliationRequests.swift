import Synchronization
import Threads

/// Asks for a comparison at once, when events are known to have been missed; several together count as one.
package final class ReconciliationRequests: Sendable {
    private struct State {
        var isAsked = false
        /// Ends the wait of whoever compares.
        var end: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// Nothing is asked for yet.
    package init() {}

    /// Has the facts compared soon, by the replica that leads, if that is this one. From any thread.
    package func ask() {
        let end = state.withLock { state in
            state.isAsked = true
            return state.end
        }
        end?()
    }

    /// Returns when asked, or after `interval`, or when cancelled.
    func wait(upTo interval: Duration) async {
        try? await Pause.sleep(for: interval) { end in
            let isAsked = state.withLock { state in
                state.end = end
                return state.isAsked
            }
            if isAsked { end() }
        }
        state.withLock { $0 = State() }
    }
}
