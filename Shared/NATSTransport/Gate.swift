import Synchronization

/// Lets tasks wait until it is opened; from then on lets everybody pass.
final class Gate: Sendable {
    private let state = Mutex(State())

    private struct State {
        var isOpen = false
        var next: UInt64 = 0
        var waiting: [UInt64: UnsafeContinuation<Void, Never>] = [:]
    }

    /// Returns when the gate is open or the task cancelled.
    func pass() async {
        let number = state.withLock { state in
            defer { state.next += 1 }
            return state.next
        }
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let mayPass = state.withLock { state in
                    // Whoever cancels after this look finds the continuation.
                    if state.isOpen || Task.isCancelled { return true }
                    state.waiting[number] = continuation
                    return false
                }
                if mayPass { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume() }
    }
}
