import Glibc

/// An instant of the monotonic clock, which no change of the wall clock moves.
struct Deadline: Comparable, Sendable {
    private let nanoseconds: Int64

    private init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    static var now: Deadline {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Deadline(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    static func after(_ duration: Duration) -> Deadline {
        let (sum, overflow) = now.nanoseconds.addingReportingOverflow(duration.nanoseconds)
        return Deadline(nanoseconds: overflow ? .max : sum)
    }

    /// The end of the first of `count` equal parts of the time from now until `deadline`.
    static func share(of deadline: Deadline, among count: Int) -> Deadline {
        let start = now.nanoseconds
        return Deadline(nanoseconds: start + max(0, deadline.nanoseconds - start) / Int64(max(1, count)))
    }

    static func < (left: Deadline, right: Deadline) -> Bool { left.nanoseconds < right.nanoseconds }

    /// What `poll` takes: milliseconds left, rounded up so that it never wakes early only to find nothing due; 0 when
    /// past.
    var pollTimeout: Int32 {
        let left = nanoseconds - Deadline.now.nanoseconds
        guard left > 0 else { return 0 }
        return Int32(clamping: left / 1_000_000 + 1)
    }

    var isPast: Bool { Deadline.now >= self }
}

extension Duration {
    /// Clamped to what 64 bits hold: 292 years.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, overflowed) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflowed ? .max : sum
    }

    /// Whole milliseconds, at least 1: for settings of the server, where 0 would mean "no limit".
    var serverMilliseconds: Int64 { max(1, min(nanoseconds / 1_000_000, Int64(Int32.max))) }
}
