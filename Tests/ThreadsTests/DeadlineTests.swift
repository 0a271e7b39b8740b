import Testing

@testable import Threads

@Suite("Deadlines")
struct DeadlineTests {
    @Test("What is left is rounded up for poll, and never below 0")
    func left() {
        #expect(Deadline.after(.seconds(-1)).pollTimeout == 0)
        #expect(Deadline.after(.nanoseconds(1)).pollTimeout <= 1)
        #expect((4000...5001).contains(Deadline.after(.seconds(5)).pollTimeout))
        #expect(Deadline.after(.seconds(100 * 86_400)).pollTimeout == Int32.max)
    }

    @Test("The longest and the shortest duration do not overflow", arguments: [Int64.max, .min])
    func extremes(seconds: Int64) {
        let deadline = Deadline.after(.seconds(seconds))
        #expect(deadline.isPast == (seconds < 0))
        #expect(Deadline.share(of: deadline, among: 0).isPast == (seconds < 0))
    }

    @Test("A share of the time left is its part, and all of it for one")
    func share() {
        let deadline = Deadline.after(.seconds(30))
        #expect(Deadline.share(of: deadline, among: 3) < .after(.seconds(11)))
        #expect(Deadline.share(of: deadline, among: 3) > .after(.seconds(9)))
        #expect(Deadline.share(of: deadline, among: 1) == deadline)
    }

    @Test("The clock goes forward")
    func clock() {
        let first = monotonicNow()
        #expect(monotonicNow() >= first)
        #expect(first > 0)
    }
}
