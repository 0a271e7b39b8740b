/// Where in the outbox the relay reads on, so that it need not pass over all that it has sent before.
///
/// What is deleted stays in the table's index as long as any transaction anywhere might still see it: a dump of an hour
/// leaves millions of entries, and reading from the beginning would pass over all of them each time. But positions are
/// drawn before the commit, so what is committed later may stand before what was read: a position that is missing is
/// waited for, longer than any transaction lasts, before reading goes on behind it.
struct OutboxPosition {
    /// Longer than a transaction of ours can take: several statements of five seconds.
    private static let patience: Duration = .seconds(60)
    /// How far behind the first row a transaction may stand that was open when this process began to lead.
    private static let lookBack: Int64 = 10_000
    /// Missing positions waited for at most; those beyond are found by the look at all of it.
    private static let gapLimit = 10_000

    /// Positions below this one that were never seen, and since when they are missing.
    private var gaps: [Int64: ContinuousClock.Instant] = [:]
    /// The first position that was not seen yet.
    private var next: Int64
    /// Read and not acknowledged by the stream.
    private var unsent: Set<Int64> = []
    /// Until when reading begins further back, for what was open at the beginning.
    private let settled: ContinuousClock.Instant
    private let first: Int64

    /// - Parameter head: the smallest position that stands in the outbox, or else the last one that was drawn.
    init(head: Int64, now: ContinuousClock.Instant) {
        next = head
        first = max(0, head - Self.lookBack)
        settled = now + Self.patience
    }

    /// The position to read from.
    func start(now: ContinuousClock.Instant) -> Int64 {
        if now < settled { return first }
        return min(next, gaps.keys.min() ?? next, unsent.min() ?? next)
    }

    /// Rows were read, in ascending order, from `start` on.
    ///
    /// - Parameter isAll: there are none behind them.
    mutating func read(_ positions: [Int64], from start: Int64, isAll: Bool, now: ContinuousClock.Instant) {
        gaps = gaps.filter { now < $0.value + Self.patience }
        // What was to be sent and is there no more has been sent, by whoever.
        let end = isAll ? Int64.max : positions.last ?? start
        unsent = unsent.filter { $0 < start || $0 > end }
        for position in positions {
            unsent.insert(position)
            gaps[position] = nil
            guard position >= next else { continue }
            let missing = position - next
            if missing > 0, gaps.count + Int(clamping: missing) <= Self.gapLimit {
                for gap in next..<position { gaps[gap] = now }
            }
            next = position + 1
        }
    }

    /// A look at all of the table found this row to be the first; reading begins there if it stands further back.
    mutating func found(_ position: Int64) {
        if position < next { unsent.insert(position) }
    }

    /// Rows were acknowledged by the stream and deleted.
    mutating func sent(_ positions: [Int64]) { unsent.subtract(positions) }
}
