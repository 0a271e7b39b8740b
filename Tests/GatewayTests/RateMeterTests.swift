import HTTPTypes
import Primitives
import TestKit
import Testing

@testable import GatewayService

/// How a budget is used up and comes back.
@Suite(.seeded)
struct RateMeterTests {
    private static let second: Int64 = 1_000_000_000
    /// One each second, six at once.
    private let budget = RateBudget(.read, count: 60, period: .seconds(60))

    @Test("A tenth comes at once, then one at each interval, and after rest the tenth again")
    func pace() {
        var meter = RateMeter()
        var now = 7 * Self.second
        for left in stride(from: 5, through: 0, by: -1) {
            #expect(meter.take(budget, at: now) == .allowed(remaining: left, fullAfter: Int64(6 - left) * Self.second))
        }
        #expect(meter.take(budget, at: now) == .refused(after: Self.second))
        now += Self.second - 1
        #expect(meter.take(budget, at: now) == .refused(after: 1))
        now += 1
        #expect(meter.take(budget, at: now) == .allowed(remaining: 0, fullAfter: 6 * Self.second))
        now += 100 * Self.second
        #expect(meter.isFull(at: now))
        #expect(meter.take(budget, at: now) == .allowed(remaining: 5, fullAfter: Self.second))
    }

    @Test("What is refused counts for nothing: who keeps asking gets as much as who waits")
    func refusals() {
        var meter = RateMeter()
        var allowed = 0
        for step in 0..<6000 {
            if case .allowed = meter.take(budget, at: Int64(step) * Self.second / 100) { allowed += 1 }
        }
        #expect(allowed == 6 + 59)
    }

    @Test("However it is asked, no period has more than the budget and its burst", arguments: [1, 7, 60, 1200])
    func bound(count: Int) {
        var generator = SeededGenerator()
        let budget = RateBudget(.read, count: count, period: .seconds(60))
        var meter = RateMeter()
        var times: [Int64] = []
        var now: Int64 = 1
        for _ in 0..<20_000 {
            now += Int64.random(in: 0...2 * budget.interval, using: &generator) / 4
            if case .allowed = meter.take(budget, at: now) { times.append(now) }
        }
        var first = 0
        for (index, time) in times.enumerated() {
            while times[first] <= time - budget.period { first += 1 }
            #expect(index - first + 1 <= count + Int(budget.burst))
        }
        #expect(times.count > 100)
    }

    @Test("What others allow counts as if it had been asked here, and keeps nobody waiting for longer than a period")
    func added() {
        var meter = RateMeter()
        meter.add(4, budget, at: 0)
        #expect(meter.take(budget, at: 0) == .allowed(remaining: 1, fullAfter: 5 * Self.second))
        for count in [Int.max, 1_000_000, 60] { meter.add(count, budget, at: 0) }
        #expect(meter.take(budget, at: 0) == .refused(after: 61 * Self.second))
        meter.add(-5, budget, at: 0)
        #expect(meter.take(budget, at: 61 * Self.second) == .allowed(remaining: 0, fullAfter: 6 * Self.second))
    }

    @Test("The fields name the budget, what is left of it and when there is more, in whole seconds rounded up")
    func fields() {
        func lines(_ verdict: RateStanding.Verdict) -> [String] {
            var headers: HTTPFields = [:]
            RateStanding(budget: budget, kind: .read, verdict: verdict).add(to: &headers)
            return [.rateLimitPolicy, .rateLimit].compactMap { headers[$0] }
        }
        let policy = #""read";q=60;w=60"#
        #expect(lines(.allowed(remaining: 5, fullAfter: 1)) == [policy, #""read";r=5;t=1"#])
        #expect(lines(.refused(after: 1_500_000_000)) == [policy, #""read";r=0;t=2"#])
    }

    @Test("Keys are one for a user, for an IPv4 address and for the first 64 bits of IPv6, and read as written")
    func keys() {
        func key(_ text: String) -> RateKey { RateKey(.anonymous, IPAddress(text) as IPAddress?) }
        #expect(key("2001:db8:1:2::1") == key("2001:db8:1:2:ffff::9"))
        #expect(key("2001:db8:1:2::1") != key("2001:db8:1:3::1"))
        #expect(key("192.0.2.1") != key("192.0.2.2"))
        #expect(key("::c000:0201") != key("192.0.2.1"))
        #expect(RateKey(.anonymous, nil) != key("192.0.2.1"))
        #expect(RateKey(.read, .make()) != RateKey(.read, .make()))
        let user = Identifier.make()
        #expect(RateKey(.read, user) != RateKey(.write, user))
        for key in [RateKey(.write, user), key("192.0.2.1"), RateKey(.signIn, nil)] {
            #expect(RateKey(key.text) == key)
        }
        for text in ["", "0", "0-1", "9-1-1", "0-g-1", "0-1-1-1", "x-1-1", "0-11111111111111111-1"] {
            #expect(RateKey(text) == nil, "\(text)")
        }
    }
}
