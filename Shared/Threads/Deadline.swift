internal import Glibc

/// An instant of the monotonic clock, which no change of the wall clock moves; for C calls that take the time left.
package struct Deadline: Comparable, Sendable {
    private let nanoseconds: Int64

    private init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static var now: Deadline { Deadline(nanoseconds: monotonicNow()) }

    package static func after(_ duration: Duration) -> Deadline {
        Deadline(nanoseconds: monotonicNow() + duration.nanoseconds)
    }

    /// The end of the first of `count` equal parts of the time from now until `deadline`.
    package static func share(of deadline: Deadline, among count: Int) -> Deadline {
        let start = monotonicNow()
        return Deadline(nanoseconds: start + max(0, deadline.nanoseconds - start) / Int64(max(1, count)))
    }

    package static func < (left: Deadline, right: Deadline) -> Bool { left.nanoseconds < right.nanoseconds }

    /// What `poll` takes: milliseconds left, rounded up so that it never wakes early only to find nothing due; 0 when
    /// past.
    package var pollTimeout: Int32 {
        let left = nanoseconds - monotonicNow()
        guard left > 0 else { return 0 }
        return Int32(clamping: left / 1_000_000 + 1)
    }

    package var isPast: Bool { Deadline.now >= self }

    /// How long it is until then; not below 0.
    package var timeLeft: Duration { .nanoseconds(max(0, nanoseconds - monotonicNow())) }
}

/// Nanoseconds of a clock that only goes forward.
package func monotonicNow() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

extension Duration {
    /// Clamped to a century, which is for ever: added to any instant of the clock it does not overflow.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return min(max(seconds, -3_000_000_000), 3_000_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
