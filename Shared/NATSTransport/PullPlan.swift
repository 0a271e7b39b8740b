/// When to ask the stream for how many events more. Decides only; `PullConsumer` sends.
///
/// The next pull is due when the open one is used up, over or about to be over, and at most half of `window` is still
/// held: so a busy consumer is asked again while it still has work, and an idle one always has a live request at the
/// server. The latter matters: server 2.9 that finds only a dead one when it is about to deliver again forgets to,
/// until the acknowledgement is overdue.
struct PullPlan: Equatable {
    /// How long the server keeps a pull open, and how often it says meanwhile that it does. In nanoseconds.
    static let expires: Int64 = 5_000_000_000
    /// When the next one is sent although the open one is not used up.
    static let renewal: Int64 = 4_000_000_000
    static let heartbeat: Int64 = 500_000_000
    /// Two heartbeats may be late before the pull counts as lost: a server just started may swallow one.
    static let silence: Int64 = 1_200_000_000

    /// One request for events.
    struct Pull: Equatable {
        /// Names the pull; its messages come to a subject that ends with it.
        var number: UInt64
        var batch: Int
    }

    /// Events delivered and not finished, at most; a pull renewed or lost and found again may bring as many more.
    let window: Int
    private(set) var held = 0
    private var number: UInt64 = 0
    private var remaining = 0
    private var openedAt: Int64 = 0
    private var heardAt: Int64 = 0

    init(window: Int) { self.window = window }

    /// The pull to send now; it counts as open from here on.
    mutating func next(now: Int64) -> Pull? {
        guard remaining == 0 || now - openedAt >= Self.renewal, held <= window / 2 else { return nil }
        number += 1
        remaining = window - held
        openedAt = now
        heardAt = now
        return Pull(number: number, batch: remaining)
    }

    mutating func delivered(now: Int64) {
        held += 1
        heardAt = now
        remaining = max(0, remaining - 1)
    }

    mutating func finished() { held = max(0, held - 1) }

    /// The server says that pull `number` is still open.
    mutating func heard(_ number: UInt64, now: Int64) {
        if number == self.number { heardAt = now }
    }

    /// The server says that pull `number` is over; false when that is old news.
    mutating func ended(_ number: UInt64) -> Bool {
        guard number == self.number else { return false }
        remaining = 0
        return true
    }

    /// Whether the open pull has not been heard of for so long that it must be lost.
    func isSilent(now: Int64) -> Bool { remaining > 0 && now - heardAt > Self.silence }

    /// Forgets the open pull, as after a loss of the link. What is held stays held.
    mutating func reset() { remaining = 0 }

    /// What is held will not be finished any more.
    mutating func drop(_ count: Int) { held = max(0, held - count) }
}
