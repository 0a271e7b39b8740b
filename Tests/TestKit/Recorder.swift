import Synchronization
package import Testing

/// Collects what happens on other threads and tasks, for a test to wait on.
package final class Recorder<Element: Sendable>: Sendable {
    private let state = Mutex<[Element]>([])

    package init() {}

    package var all: [Element] { state.withLock { $0 } }
    package var count: Int { state.withLock { $0.count } }

    package func record(_ element: Element) { state.withLock { $0.append(element) } }

    /// Everything so far, as soon as it is `count` or more.
    @discardableResult
    package func wait(
        for count: Int, within limit: Duration = .patience, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> [Element] {
        try await eventually("\(count) of \(Element.self)", { all }, within: limit, sourceLocation: sourceLocation) {
            $0.count >= count
        }
    }
}

/// A value that several tasks and threads use.
package final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    package init(_ value: Value) { self.value = Mutex(value) }

    package func withLock<R: Sendable>(_ body: (inout Value) -> R) -> R { value.withLock { body(&$0) } }
}

/// A number that several tasks and threads add to.
package final class Counter: Sendable {
    private let count = Mutex(0)

    package init() {}

    package var value: Int { count.withLock { $0 } }

    /// The new value.
    @discardableResult
    package func increment() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}
