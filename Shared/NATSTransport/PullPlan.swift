/// When to ask the stream for how many events more. Decides only; `PullConsumer` sends.
///
/// The next pull is due when the open one is used up, over or about to be over, and at most half of `window` is still
/// held: so a busy consumer is asked again while it still has work, and an idle one always has a live request at the
/// server. The latter matters: server 2.9 that finds only a dead one when it is about to deliver again forgets to,
/// until the acknowledgement is overdue.
struct PullPlan: Equatable {
    /// How a pull is watched; in nanoseconds.
    struct Watch: Equatable {
        /// How long the server keeps the pull open, and how often it says meanwhile that it does.
        var expires: Int64
        var heartbeat: Int64
        /// When the next one is sent although the open one is not used up.
        var renewal: Int64
        /// After which silence it counts as lost.
        var silence: Int64

        /// Until something has been heard: a server just started may swallow a pull. Two heartbeats may be late.
        static let close = Watch(
            expires: 5_000_000_000, heartbeat: 500_000_000, renewal: 4_000_000_000, silence: 1_200_000_000)
        /// Afterwards: each word of the server's wakes both.
        static let calm = Watch(
            expires: 30_000_000_000, heartbeat: 2_000_000_000, renewal: 25_000_000_000, silence: 4_500_000_000)
    }

    /// One request for events.
    struct Pull: Equatable {
        /// Names the pull; its messages come to a subject that ends with it.
        var number: UInt64
        var batch: Int
        var watch = Watch.close
    }

    /// Events delivered and not finished, at most; a pull renewed or lost and found again may bring as many more.
    let window: Int
    private(set) var held = 0
    private var number: UInt64 = 0
    private var remaining = 0
    private var openedAt: Int64 = 0
    private var heardAt: Int64 = 0
    private var watch = Watch.close
    /// Something has been heard since the pulls began anew.
    private var isProven = false

    init(window: Int) { self.window = window }

    /// The pull to send now; it counts as open from here on.
    mutating func next(now: Int64) -> Pull? {
        guard remaining == 0 || now - openedAt >= watch.renewal, held <= window / 2 else { return nil }
        number += 1
        remaining = window - held
        openedAt = now
        heardAt = now
        watch = isProven ? .calm : .close
        return Pull(number: number, batch: remaining, watch: watch)
    }

    mutating func delivered(now: Int64) {
        held += 1
        heardAt = now
        isProven = true
        remaining = max(0, remaining - 1)
    }

    mutating func finished() { held = max(0, held - 1) }

    /// The server says that pull `number` is still open.
    mutating func heard(_ number: UInt64, now: Int64) {
        guard number == self.number else { return }
        heardAt = now
        isProven = true
    }

    /// The server says that pull `number` is over; false when that is old news.
    mutating func ended(_ number: UInt64) -> Bool {
        guard number == self.number else { return false }
        remaining = 0
        return true
    }

    /// Whether the open pull has not been heard of for so long that it must be lost.
    func isSilent(now: Int64) -> Bool { remaining > 0 && now - heardAt > watch.silence }

    /// Forgets the open pull, as after a loss of the link. What is held stays held.
    mutating func reset() {
        remaining = 0
        isProven = false
    }

    /// What is held will not be finished any more.
    mutating func drop(_ count: Int) { held = max(0, held - count) }
}
