import Primitives
import Testing

@testable import AuthService

/// The rule by which attempts are counted, by itself.
struct AttemptCountTests {
    private static let limit = AttemptLimit(allowed: 3, window: 100, firstDelay: 10, longestDelay: 60, memory: 1000)
    private let start = Timestamp(milliseconds: 1_700_000_000_000)

    private func at(_ seconds: Int64) -> Timestamp { start.advanced(bySeconds: seconds) }

    private func begin(_ count: inout AttemptCount, _ seconds: Int64) -> AttemptCount.Verdict {
        count.begin(Self.limit, at: at(seconds), until: at(seconds + 30))
    }

    /// Attempts that are wrong, one after the other.
    private func fail(_ count: inout AttemptCount, _ times: [Int64]) -> [AttemptCount.Verdict] {
        times.map { seconds in
            let verdict = begin(&count, seconds)
            if verdict == .admitted { count.end(.wrong, Self.limit, at: at(seconds)) }
            return verdict
        }
    }

    @Test("So many wrong ones are let pass, then each has to wait twice as long, up to a bound")
    func delays() {
        var count = AttemptCount(at: start)
        #expect(fail(&count, [0, 1, 2]) == [.admitted, .admitted, .admitted])
        var time: Int64 = 2
        for delay: Int64 in [10, 20, 40, 60, 60, 60] {
            #expect(fail(&count, [time + delay - 1]) == [.refused(until: at(time + delay))])
            #expect(fail(&count, [time + delay]) == [.admitted])
            time += delay
        }
    }

    @Test("Refused ones make the wait no longer")
    func refused() {
        var count = AttemptCount(at: start)
        _ = fail(&count, [0, 1, 2])
        let before = count
        for second in Int64(3)...11 { #expect(fail(&count, [second]) == [.refused(until: at(12))]) }
        #expect(count.failures == before.failures && count.blockedUntil == before.blockedUntil)
    }

    @Test("Few wrong ones are forgotten with the window of the first of them, many after a long time without one")
    func forgotten() {
        var few = AttemptCount(at: start)
        _ = fail(&few, [0, 99])
        #expect(fail(&few, [100, 101, 102, 103]) == [.admitted, .admitted, .admitted, .refused(until: at(112))])
        var many = AttemptCount(at: start)
        _ = fail(&many, [0, 1, 2, 500])
        #expect(many.failures == 4)
        #expect(fail(&many, [1499]) == [.admitted] && many.failures == 5)
        #expect(fail(&many, [2499]) == [.admitted] && many.failures == 1)
    }

    @Test("A right one clears what was counted, but for those that are still open")
    func right() {
        var count = AttemptCount(at: start)
        _ = fail(&count, [0])
        #expect(begin(&count, 1) == .admitted && begin(&count, 1) == .admitted)
        count.end(.right, Self.limit, at: at(2))
        #expect(count.failures == 1 && count.open == 1 && count.blockedUntil == nil)
        count.end(.wrong, Self.limit, at: at(3))
        #expect(count.failures == 1 && count.open == 0)
    }

    @Test("While as many as may be wrong are open, another one waits for what becomes of them")
    func open() {
        var count = AttemptCount(at: start)
        for _ in 0..<3 { #expect(begin(&count, 0) == .admitted) }
        #expect(begin(&count, 1) == .wait)
        count.end(.undecided, Self.limit, at: at(1))
        #expect(begin(&count, 1) == .admitted && begin(&count, 1) == .wait)
        for _ in 0..<3 { count.end(.wrong, Self.limit, at: at(2)) }
        #expect(begin(&count, 2) == .refused(until: at(12)))
    }

    @Test("Of those that had to wait one is tried at a time, and one by which nobody learned anything costs nothing")
    func probe() {
        var count = AttemptCount(at: start)
        _ = fail(&count, [0, 1, 2])
        #expect(begin(&count, 12) == .admitted && begin(&count, 12) == .wait)
        count.end(.undecided, Self.limit, at: at(13))
        #expect(begin(&count, 13) == .admitted)
        count.end(.wrong, Self.limit, at: at(14))
        #expect(begin(&count, 14) == .refused(until: at(34)))
    }

    @Test("One whose process died stays counted, and keeps nobody waiting for ever")
    func lost() {
        var count = AttemptCount(at: start)
        for _ in 0..<3 { _ = begin(&count, 0) }
        #expect(begin(&count, 29) == .wait)
        // Its end, which comes too late, gives nothing back.
        #expect(begin(&count, 30) == .admitted && count.failures == 4)
        count.end(.wrong, Self.limit, at: at(30))
        count.end(.undecided, Self.limit, at: at(30))
        #expect(count.failures == 4 && begin(&count, 31) == .refused(until: at(50)))
    }

    @Test("Whoever guesses at an account has ten guesses, and then no more than about a hundred a day")
    func perDay() {
        var (count, time, guesses) = (AttemptCount(at: start), start, 0)
        while time < at(86_400) {
            switch count.begin(.account, at: time, until: time.advanced(bySeconds: 30)) {
            case .admitted:
                count.end(.wrong, .account, at: time)
                guesses += 1
            case .refused(let until): time = until
            case .wait: Issue.record("nothing is open")
            }
        }
        #expect((100...115).contains(guesses), "\(guesses)")
    }
}
