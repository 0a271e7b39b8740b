internal import Glibc
internal import Synchronization

/// A thread of the system's, for calls that block: they must not hold one of Swift's, of which there are as many as
/// processors.
package enum OSThread {
    /// Runs `body` on a thread of its own, which ends with it.
    ///
    /// - Throws: when the system gives none; `body` is then never run.
    package static func start(_ body: @escaping @Sendable () -> Void) throws(SystemShortage) {
        let start = Unmanaged.passRetained(Start(body))
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, start.toOpaque())
        guard failure == 0 else {
            start.release()
            throw SystemShortage("no thread", code: failure)
        }
        pthread_detach(thread)
    }

    /// Runs `body`, which blocks, on a thread of its own, and calls `meanwhile` again and again until it has returned.
    ///
    /// - Parameter wakeup: of the calling thread, for which `meanwhile` is expected to wait; signalled at the end.
    /// - Throws: when the system gives no thread; `body` is then never run.
    package static func run(
        waking wakeup: Wakeup, _ body: @escaping @Sendable () -> Void, meanwhile: () -> Void
    ) throws(SystemShortage) {
        let isOver = Flag()
        try start {
            body()
            isOver.set()
            wakeup.signal()
        }
        while !isOver.isSet { meanwhile() }
    }

    private final class Start: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

/// The system has no more of something. It may have again at any moment.
package struct SystemShortage: Error, CustomStringConvertible {
    /// What there is none of, with the `errno` that said so.
    package let description: String

    init(_ what: String, code: Int32) { description = "\(what) (errno \(code))" }
}

/// Goes from false to true once.
private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)

    var isSet: Bool { value.load(ordering: .acquiring) }

    func set() { value.store(true, ordering: .releasing) }
}
