import Glibc
import Synchronization

/// A thread of its own for calls that block, so that none blocks Swift's shared threads; with a bell to wake it early.
final class LinkThread: Sendable {
    private let bell = Bell()

    /// Starts the thread, which runs `body` once and ends.
    func start(_ body: @escaping @Sendable (LinkThread) -> Void) -> Bool {
        var handle = pthread_t()
        let closure = Unmanaged.passRetained(Start(body: body, thread: self))
        let code = pthread_create(&handle, nil, { argument in
            guard let argument else { return nil }
            let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
            start.body(start.thread)
            return nil
        }, closure.toOpaque())
        guard code == 0 else {
            closure.release()
            return false
        }
        pthread_detach(handle)
        return true
    }

    /// Waits for the bell, for up to `milliseconds`; call it on the thread only.
    func wait(milliseconds: Int) { bell.wait(milliseconds: milliseconds) }

    /// Ends the wait that is going on, or the next one.
    func ring() { bell.ring() }

    private final class Start {
        let body: @Sendable (LinkThread) -> Void
        let thread: LinkThread

        init(body: @escaping @Sendable (LinkThread) -> Void, thread: LinkThread) {
            self.body = body
            self.thread = thread
        }
    }
}

/// A pipe whose one end is written to wake the other, because that can be waited for with a time-out.
///
/// `Sendable` by its parts: the descriptors never change, and the kernel orders what is done with them.
private final class Bell: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        // Without a pipe the thread still wakes when its time is over, some milliseconds later.
        _ = pipe(&ends)
        (readEnd, writeEnd) = (ends[0], ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    func wait(milliseconds: Int) {
        var request = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, Int32(milliseconds)) > 0 else { return }
        var rung: (UInt64, UInt64) = (0, 0)
        while read(readEnd, &rung, MemoryLayout.size(ofValue: rung)) > 0 {}
    }

    func ring() {
        var one: UInt8 = 1
        // A full pipe wakes as well.
        _ = write(writeEnd, &one, 1)
    }
}

/// Nanoseconds of a clock that only goes forward.
func monotonicNow() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
