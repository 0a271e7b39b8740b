import Synchronization

/// What clients have used of their budgets, in a bounded number of places. Who was quiet for longest is forgotten first
/// when there is no room, and with them what they have used.
final class RateTable: Sendable {
    private struct Entry {
        var meter = RateMeter()
        /// Allowed here, and not told to other gateways.
        var untold = 0
    }

    /// Two generations: who is looked for is moved to the younger one, and when that is full the older one goes.
    private final class Shard: Sendable {
        private struct State {
            var young: [RateKey: Entry] = [:]
            var old: [RateKey: Entry] = [:]
        }

        private let capacity: Int
        private let state = Mutex(State())

        init(capacity: Int) { self.capacity = capacity }

        func with<Result>(_ key: RateKey, _ body: (inout Entry) -> Result) -> Result {
            state.withLock { state in
                if state.young[key] == nil, state.young.count >= capacity {
                    state.old = state.young
                    state.young = [:]
                }
                if state.young[key] == nil, let known = state.old.removeValue(forKey: key) { state.young[key] = known }
                return body(&state.young[key, default: Entry()])
            }
        }

        var count: Int { state.withLock { $0.young.count + $0.old.count } }
    }

    private static let shardCount = 16
    private let shards: [Shard]

    /// - Parameter capacity: how many budgets are remembered at most, about.
    init(capacity: Int = 65_536) {
        shards = (0..<Self.shardCount).map { _ in Shard(capacity: max(1, capacity / Self.shardCount / 2)) }
    }

    var count: Int { shards.reduce(0) { $0 + $1.count } }

    /// Counts one request, if it is allowed.
    /// - Returns: with the verdict how many are to be told to other gateways now: those since the last time, when they are
    ///   a hundredth of the budget; else 0.
    func take(_ key: RateKey, _ budget: RateBudget, at now: Int64) -> (verdict: RateStanding.Verdict, untold: Int) {
        shard(key).with(key) { entry in
            let verdict = entry.meter.take(budget, at: now)
            guard case .allowed = verdict else { return (verdict, 0) }
            entry.untold += 1
            guard entry.untold * 100 >= budget.count else { return (verdict, 0) }
            defer { entry.untold = 0 }
            return (verdict, entry.untold)
        }
    }

    /// Counts what another gateway has allowed.
    func add(_ count: Int, to key: RateKey, _ budget: RateBudget, at now: Int64) {
        shard(key).with(key) { $0.meter.add(count, budget, at: now) }
    }

    private func shard(_ key: RateKey) -> Shard { shards[Int(key.spread % UInt64(Self.shardCount))] }
}
