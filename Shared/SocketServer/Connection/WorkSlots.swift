import DequeModule
import Synchronization

/// How many pieces of work may run at once; those over it wait for their turn, first come, first served.
///
/// For what sockets ask for: a thousand of them that join again after a restart are served one after another, where a
/// thousand HTTP requests too many are refused.
package final class WorkSlots: Sendable {
    private struct State {
        var free: Int
        /// Bounded by whoever asks: each socket and each feed has one piece of work at a time.
        var waiting: Deque<UnsafeContinuation<Void, Never>> = []
    }

    private let state: Mutex<State>

    /// So many at once.
    package init(_ count: Int) { state = Mutex(State(free: count)) }

    /// How many wait now.
    package var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Returns when there is a slot, which `release` gives back.
    package func take() async {
        await withUnsafeContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free == 0 else {
                    state.free -= 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// Gives a slot to whoever has waited longest.
    package func release() {
        let next = state.withLock { state -> UnsafeContinuation<Void, Never>? in
            if let next = state.waiting.popFirst() { return next }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}
