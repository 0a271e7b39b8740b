import Glibc
import Synchronization

/// A thread of its own for calls that block, so that none blocks Swift's shared threads; with a bell to wake it early.
final class LinkThread: Sendable {
    private let bell = Bell()

    /// Starts the thread, which runs `body` once and ends.
    func start(_ body: @escaping @Sendable (LinkThread) -> Void) -> Bool {
        var handle = pthread_t()
        let closure = Unmanaged.passRetained(Start(body: body, thread: self))
        let code = pthread_create(
            &handle, nil,
            { argument in
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

    /// Waits for the bell or for `socket`, for up to `milliseconds`; call it on the thread only.
    /// - Returns: what of `events` (as of `poll`) the socket is ready for.
    @discardableResult
    func wait(milliseconds: Int, socket: Int32 = -1, events: Int16 = 0) -> Int16 {
        bell.wait(milliseconds: milliseconds, socket: socket, events: events)
    }

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

/// Wakes a thread from waiting on a descriptor: by a pipe, because that can be waited for with others, and only when it
/// is asleep.
///
/// `Sendable` by its parts: the descriptors never change, and the kernel orders what is done with them.
private final class Bell: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32
    private let isRung = Atomic<Bool>(false)
    private let isAsleep = Atomic<Bool>(false)

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

    func wait(milliseconds: Int, socket: Int32, events: Int16) -> Int16 {
        // First asleep, then look: who rings first rings, then looks. So one of the two sees the other.
        isAsleep.store(true, ordering: .sequentiallyConsistent)
        let timeout = isRung.exchange(false, ordering: .sequentiallyConsistent) ? 0 : milliseconds
        var requests = (
            pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0), pollfd(fd: socket, events: events, revents: 0)
        )
        _ = withUnsafeMutableBytes(of: &requests) { bytes in
            poll(bytes.assumingMemoryBound(to: pollfd.self).baseAddress, 2, Int32(timeout))
        }
        isAsleep.store(false, ordering: .sequentiallyConsistent)
        if requests.0.revents != 0 {
            var rung: (UInt64, UInt64) = (0, 0)
            while read(readEnd, &rung, MemoryLayout.size(ofValue: rung)) == MemoryLayout.size(ofValue: rung) {}
            isRung.store(false, ordering: .sequentiallyConsistent)
        }
        return requests.1.revents
    }

    func ring() {
        guard !isRung.exchange(true, ordering: .sequentiallyConsistent),
            isAsleep.load(ordering: .sequentiallyConsistent)
        else { return }
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
