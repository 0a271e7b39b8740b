import DequeModule
import Synchronization

/// A queue from any thread to one task. It has no bound of its own: whoever pushes keeps count.
///
/// Unlike `AsyncStream` it does not end by itself when the task is cancelled, so that what has been taken is still
/// finished.
final class Handoff<Element: Sendable>: Sendable {
    private let state = Mutex(State())

    private struct State {
        var elements: Deque<Element> = []
        var waiting: UnsafeContinuation<Element?, Never>?
        var isFinished = false
    }

    /// Does nothing after `finish`.
    func push(_ element: Element) {
        let waiting = state.withLock { state -> UnsafeContinuation<Element?, Never>? in
            if state.isFinished { return nil }
            if let waiting = state.waiting {
                state.waiting = nil
                return waiting
            }
            state.elements.append(element)
            return nil
        }
        waiting?.resume(returning: element)
    }

    /// What was pushed before is still given out, then `next` returns `nil`.
    func finish() {
        let waiting = state.withLock { state in
            state.isFinished = true
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(returning: nil)
    }

    /// The next element, as soon as there is one. One task at a time may wait.
    func next() async -> Element? {
        await withUnsafeContinuation { continuation in
            let answer = state.withLock { state -> Element?? in
                if let element = state.elements.popFirst() { return element }
                if state.isFinished { return .some(nil) }
                state.waiting = continuation
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }
}
