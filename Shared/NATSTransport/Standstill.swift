import Synchronization

/// Notices that this process stood still: stopped by a signal, or with its whole machine. What is read in the moments
/// after has waited in the socket for up to as long, and whoever sent it may have given up.
///
/// Asked from any thread; `looked` is for the thread that reads.
final class Standstill: Sendable {
    /// The reading thread looks at least twice a second; it is not away for so long by itself.
    private static let limit: Int64 = 1_000_000_000
    /// For how long what arrives counts as having waited: long enough to read what a socket holds.
    private static let window: Int64 = 250_000_000

    private let lastLook = Atomic<Int64>(0)
    private let length = Atomic<Int64>(0)
    private let end = Atomic<Int64>(0)

    /// The reading thread begins to look; what it did before took the time that it took.
    func begin(now: Int64) { lastLook.store(now, ordering: .relaxed) }

    /// The reading thread looks, before it reads and after.
    func looked(now: Int64) {
        let last = lastLook.exchange(now, ordering: .relaxed)
        guard last > 0, now - last > Self.limit else { return }
        length.store(now - last, ordering: .relaxed)
        end.store(now + Self.window, ordering: .releasing)
    }

    /// For how long what arrives now may have waited, in milliseconds; 0 as a rule.
    func milliseconds(now: @autoclosure () -> Int64) -> Int64 {
        let end = end.load(ordering: .acquiring)
        guard end > 0, now() < end else { return 0 }
        return length.load(ordering: .relaxed) / 1_000_000
    }
}
