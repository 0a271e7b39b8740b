import Synchronization
import Testing

/// Collects what happens on other threads, for a test to wait on.
final class Recorder<Element: Sendable>: Sendable {
    private let state = Mutex<[Element]>([])

    var all: [Element] { state.withLock { $0 } }
    var count: Int { state.withLock { $0.count } }

    func record(_ element: Element) { state.withLock { $0.append(element) } }

    /// Everything so far, as soon as it is `count` or more.
    @discardableResult
    func wait(
        for count: Int, within limit: Duration = .seconds(15), sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> [Element] {
        try await eventually("\(count) of \(Element.self)", within: limit, sourceLocation: sourceLocation) {
            self.count >= count
        }
        return all
    }
}

/// A door that tests open when they want what waits behind it to go on.
final class Door: Sendable {
    private let state = Mutex(State())

    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    var waitingCount: Int { state.withLock { $0.waiting.count } }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
