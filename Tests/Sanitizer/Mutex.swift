import Glibc

@_exported import struct Synchronization.Atomic
@_exported import struct Synchronization.AtomicLoadOrdering
@_exported import struct Synchronization.AtomicStoreOrdering
@_exported import struct Synchronization.AtomicUpdateOrdering

/// Stands in for `Synchronization.Mutex` under the thread sanitizer.
///
/// The standard library's mutex is a futex in code that is compiled without the sanitizer: it cannot see that the lock
/// orders two accesses, and reports every value behind one as a race. A POSIX mutex it knows. `bin/test --sanitize`
/// builds a copy of the sources that imports this module in the place of `Synchronization`; no product is built so.
public struct Mutex<Value>: @unchecked Sendable {
    // Sendable: the value is touched only between lock and unlock.
    private let storage: Storage

    private final class Storage {
        var value: Value
        let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

        init(_ value: consuming sending Value) {
            self.value = value
            lock.initialize(to: pthread_mutex_t())
            pthread_mutex_init(lock, nil)
        }

        deinit {
            pthread_mutex_destroy(lock)
            lock.deallocate()
        }
    }

    public init(_ value: consuming sending Value) { storage = Storage(value) }

    public func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(storage.lock)
        defer { pthread_mutex_unlock(storage.lock) }
        return try body(&storage.value)
    }
}
