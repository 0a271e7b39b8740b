import Synchronization

/// Wakes one task that waits for events: when something happened, and every few milliseconds for what becomes due with
/// time.
final class MemoryWakeup: Sendable {
    /// Events handed out and not finished.
    let running = Atomic<Int>(0)
    private let state = Mutex(State())

    private struct State {
        var isRung = false
        var isStopped = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    var isStopped: Bool { state.withLock { $0.isStopped } }

    func ring() {
        let waiting = state.withLock { state in
            state.isRung = state.waiting == nil
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        ring()
    }

    /// Returns when rung since the last time; one task at a time may wait.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                defer { state.isRung = false }
                if !state.isRung { state.waiting = continuation }
                return state.isRung
            }
            if isOver { continuation.resume() }
        }
    }

    /// Rings until stopped.
    func tick() async {
        while !isStopped {
            // Cancelled, it would spin until stopped: but whoever cancels also stops.
            try? await Task.sleep(for: .milliseconds(5))
            ring()
        }
    }
}
