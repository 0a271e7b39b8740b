import Dispatch
import Synchronization
package import Testing

/// Shut until opened once; for tasks to wait at, whether they are cancelled meanwhile or not.
///
/// A door that nobody opens lets everybody through after some time, and that is a failure.
package final class Door: Sendable {
    private let state = Mutex(State())

    private struct State {
        var isOpen = false
        /// Those who wait, by number; each is told whether the door was opened.
        var waiting: [Int: CheckedContinuation<Bool, Never>] = [:]
        var count = 0
    }

    package init() {}

    package var waitingCount: Int { state.withLock { $0.waiting.count } }

    package func wait(sourceLocation: SourceLocation = #_sourceLocation) async {
        let isOpened = await withCheckedContinuation { continuation in
            let number: Int? = state.withLock { state in
                guard !state.isOpen else { return nil }
                state.count += 1
                state.waiting[state.count] = continuation
                return state.count
            }
            guard let number else { return continuation.resume(returning: true) }
            let limit = Duration.patience.slackened
            DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Int(limit.components.seconds))) {
                [weak self] in
                self?.state.withLock { $0.waiting.removeValue(forKey: number) }?.resume(returning: false)
            }
        }
        if !isOpened { Issue.record("nobody opened the door in time", sourceLocation: sourceLocation) }
    }

    package func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume(returning: true) }
    }
}
