/// What somebody has used of a budget, as one number: the time at which all that they asked for is paid off at an even
/// pace (the generic cell rate algorithm of ITU-T I.371). Times are nanoseconds of a clock that never goes back. Decides
/// only.
struct RateMeter: Sendable, Equatable {
    private(set) var paidAt: Int64 = 0

    /// Whether one more may come; only then it is counted.
    mutating func take(_ budget: RateBudget, at now: Int64) -> RateStanding.Verdict {
        let next = max(paidAt, now) + budget.interval
        let debt = next - now
        let most = budget.burst * budget.interval
        guard debt <= most else { return .refused(after: debt - most) }
        paidAt = next
        return .allowed(remaining: Int((most - debt) / budget.interval), fullAfter: debt)
    }

    /// Counts what was allowed elsewhere. However much that is said to be, nobody waits for longer than a period by it.
    mutating func add(_ count: Int, _ budget: RateBudget, at now: Int64) {
        let most = budget.burst * budget.interval + budget.period
        let added = Int64(clamping: max(0, count)).multipliedReportingOverflow(by: budget.interval)
        let debt = max(paidAt, now) - now
        paidAt = now + min(most, added.overflow ? most : min(most, debt + min(most, added.partialValue)))
    }

    /// Whether it says no more than a new one does.
    func isFull(at now: Int64) -> Bool { paidAt <= now }
}
