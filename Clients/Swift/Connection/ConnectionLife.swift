import Synchronization

/// The task of a client's connection, so that it can be ended from anywhere.
final class ConnectionLife: Sendable {
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// Begins `work` in the place of what there was.
    func begin(_ work: @escaping @Sendable () async -> Void) {
        task.withLock { task in
            let before = task
            before?.cancel()
            task = Task {
                // Two connections at once would tell everything twice.
                await before?.value
                await work()
            }
        }
    }

    func end() { task.withLock { $0?.cancel() } }

    deinit { end() }
}
