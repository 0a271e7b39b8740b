internal import Glibc
internal import Synchronization

/// Wakes a thread that waits for a descriptor: by a pipe, so that one `poll` sees both, and only when it is asleep.
///
/// One thread waits; anybody signals.
package final class Wakeup: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32
    private let isSignalled = Atomic<Bool>(false)
    private let isAsleep = Atomic<Bool>(false)

    /// - Throws: when the process has no file descriptors left.
    package convenience init() throws(SystemShortage) {
        var ends: (Int32, Int32) = (-1, -1)
        let failed = withUnsafeMutableBytes(of: &ends) { pipe($0.baseAddress?.assumingMemoryBound(to: Int32.self)) }
        guard failed == 0 else { throw SystemShortage("no file descriptors", code: errno) }
        self.init(readEnd: ends.0, writeEnd: ends.1)
    }

    init(readEnd: Int32, writeEnd: Int32) {
        (self.readEnd, self.writeEnd) = (readEnd, writeEnd)
        for end in [readEnd, writeEnd] {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
    }

    /// For a thread that never waits long: without file descriptors it is woken by nobody and wakes when its time is
    /// over.
    package static func orByTimeAlone() -> Wakeup { (try? Wakeup()) ?? Wakeup(readEnd: -1, writeEnd: -1) }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Ends the running wait, or else the next one. From any thread; cheap when the waiting one is awake.
    package func signal() {
        guard !isSignalled.exchange(true, ordering: .sequentiallyConsistent),
            isAsleep.load(ordering: .sequentiallyConsistent)
        else { return }
        var byte: UInt8 = 1
        // Fails only when the pipe is full, and then a signal is pending.
        _ = write(writeEnd, &byte, 1)
    }

    /// Waits for a signal, for `socket` to be ready, or for `milliseconds` (below 0: for ever). An interrupted wait
    /// looks like one that is over: whoever waits looks at its state again and comes back.
    ///
    /// - Parameters:
    ///   - socket: a descriptor; none below 0.
    ///   - events: what it is to be ready for, as of `poll`.
    /// - Returns: what it is ready for; 0 when it is not.
    @discardableResult
    package func wait(milliseconds: Int32, socket: Int32 = -1, events: Int16 = 0) -> Int16 {
        // First asleep, then look: who signals first signals, then looks. So one of the two sees the other.
        isAsleep.store(true, ordering: .sequentiallyConsistent)
        let timeout = isSignalled.exchange(false, ordering: .sequentiallyConsistent) ? 0 : milliseconds
        var descriptors = (
            pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0), pollfd(fd: socket, events: events, revents: 0)
        )
        let ready = withUnsafeMutableBytes(of: &descriptors) { pair in
            poll(pair.baseAddress?.assumingMemoryBound(to: pollfd.self), 2, timeout)
        }
        isAsleep.store(false, ordering: .sequentiallyConsistent)
        guard ready > 0 else { return 0 }
        if descriptors.0.revents != 0 {
            var bytes: (UInt64, UInt64) = (0, 0)
            while read(readEnd, &bytes, MemoryLayout.size(ofValue: bytes)) == MemoryLayout.size(ofValue: bytes) {}
            // Whoever signals between these two lines is seen by whom this wait ends for.
            isSignalled.store(false, ordering: .sequentiallyConsistent)
        }
        return descriptors.1.revents
    }

    /// Waits for a signal, for `socket` to be readable or closed, or for `deadline` (`nil`: for ever).
    ///
    /// - Returns: whether the socket is ready.
    @discardableResult
    package func wait(socket: Int32 = -1, until deadline: Deadline? = nil) -> Bool {
        wait(milliseconds: deadline?.pollTimeout ?? -1, socket: socket, events: Int16(POLLIN)) != 0
    }
}
