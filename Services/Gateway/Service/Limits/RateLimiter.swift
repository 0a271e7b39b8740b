import Messaging
import Primitives
import Synchronization

/// Decides whether a client may ask, without asking anybody: by what it was allowed here, and by what other gateways tell
/// of what they have allowed it (`RateSharing`).
final class RateLimiter: Sendable {
    typealias Clock = @Sendable () -> Int64

    /// What other gateways are to be told.
    let reports = RateReports()
    private let budgets: RateBudgets
    private let table: RateTable
    private let now: Clock
    private let refused = Atomic<Int>(0)

    /// - Parameter now: nanoseconds of a clock that never goes back.
    init(_ budgets: RateBudgets, table: RateTable = RateTable(), now: @escaping Clock = RateLimiter.uptime) {
        self.budgets = budgets
        self.table = table
        self.now = now
    }

    /// Counts a request of somebody who is signed in.
    func take(_ kind: RateBudget.Kind, of user: Identifier) -> RateStanding { take(RateKey(kind, user)) }

    /// Counts a request of an address.
    func take(_ kind: RateBudget.Kind, from client: IPAddress?) -> RateStanding { take(RateKey(kind, client)) }

    private func take(_ key: RateKey) -> RateStanding {
        let budget = budgets[key.kind]
        let (verdict, untold) = table.take(key, budget, at: now())
        if untold > 0 { reports.add(untold, of: key) }
        if case .refused = verdict { refused.add(1, ordering: .relaxed) }
        return RateStanding(budget: budget, kind: key.kind, verdict: verdict)
    }

    /// Counts what another gateway has allowed.
    func add(_ count: Int, to key: RateKey) {
        guard count > 0 else { return }
        table.add(count, to: key, budgets[key.kind], at: now())
    }

    /// Requests refused so far.
    var refusedCount: Int { refused.load(ordering: .relaxed) }

    /// Budgets that are remembered.
    var rememberedCount: Int { table.count }

    private static let start = ContinuousClock.now

    /// Nanoseconds since the process began to count; from 1, as 0 means never.
    static let uptime: Clock = {
        // Looked at first: it is set when it is.
        let begin = start
        let passed = (ContinuousClock.now - begin).components
        return 1 + passed.seconds * 1_000_000_000 + passed.attoseconds / 1_000_000_000
    }
}
