import Glibc

/// Wakes a thread that waits for a socket: a pipe, so that one `poll` sees both.
final class Wakeup: Sendable {
    /// What woke the thread; both may be true, and neither when the time was up.
    struct Reason {
        var wasSignalled: Bool
        var socketIsReady: Bool
    }

    private let readEnd: Int32
    private let writeEnd: Int32

    /// Throws `.unavailable` when the process has no file descriptors left.
    init() throws(DatabaseError) {
        var ends: (Int32, Int32) = (-1, -1)
        let failed = withUnsafeMutableBytes(of: &ends) { pipe($0.baseAddress?.assumingMemoryBound(to: Int32.self)) }
        guard failed == 0 else {
            throw DatabaseError(.unavailable, "no file descriptors for a connection's thread (errno \(errno))")
        }
        (readEnd, writeEnd) = ends
        for end in [readEnd, writeEnd] {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Ends the running `wait`, or else the next one. From any thread.
    func signal() {
        var byte: UInt8 = 1
        // Fails only when the pipe is full, and then a signal is pending.
        _ = write(writeEnd, &byte, 1)
    }

    /// Waits for a signal, for `socket` to be readable or closed, or for `deadline` (`nil`: for ever).
    func wait(socket: Int32? = nil, until deadline: Deadline? = nil) -> Reason {
        var descriptors = (
            pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket ?? -1, events: Int16(POLLIN), revents: 0)
        )
        let ready = withUnsafeMutableBytes(of: &descriptors) { pair in
            poll(pair.baseAddress?.assumingMemoryBound(to: pollfd.self), 2, deadline?.pollTimeout ?? -1)
        }
        // An interrupted wait looks like one that is over: every caller looks at its state again and comes back.
        guard ready > 0 else { return Reason(wasSignalled: false, socketIsReady: false) }
        if descriptors.0.revents != 0 {
            var bytes: UInt64 = 0
            _ = read(readEnd, &bytes, 8)
        }
        return Reason(wasSignalled: descriptors.0.revents != 0, socketIsReady: descriptors.1.revents != 0)
    }
}
