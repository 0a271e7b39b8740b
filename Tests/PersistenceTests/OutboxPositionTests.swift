import Testing

@testable import Persistence

struct OutboxPositionTests {
    private let start = ContinuousClock.now

    /// Reads and sends `positions`, as the relay does.
    private func relay(_ position: inout OutboxPosition, _ positions: [Int64], at time: ContinuousClock.Instant) {
        position.read(positions, from: position.start(now: time), isAll: true, now: time)
        position.sent(positions)
    }

    private func settled(head: Int64) -> (OutboxPosition, ContinuousClock.Instant) {
        (OutboxPosition(head: head, now: start), start + .seconds(61))
    }

    @Test("What has been sent is not passed over again")
    func moves() {
        var (position, now) = settled(head: 100)
        relay(&position, Array(100..<400), at: now)
        #expect(position.start(now: now) == 400)
        relay(&position, [400], at: now)
        #expect(position.start(now: now) == 401)
    }

    @Test("A missing position is waited for, because what is committed later may stand there")
    func gap() {
        var (position, now) = settled(head: 1)
        relay(&position, [1, 2, 4, 5], at: now)
        #expect(position.start(now: now) == 3)
        relay(&position, [3], at: now + .seconds(2))
        #expect(position.start(now: now + .seconds(2)) == 6)
    }

    @Test("What stays missing for longer than a transaction lasts was rolled back")
    func rolledBack() {
        var (position, now) = settled(head: 1)
        relay(&position, [1, 3], at: now)
        relay(&position, [4], at: now + .seconds(59))
        #expect(position.start(now: now + .seconds(59)) == 2)
        relay(&position, [5], at: now + .seconds(61))
        #expect(position.start(now: now + .seconds(61)) == 6)
    }

    @Test("What the stream did not take is read again; when it is gone, somebody else sent it")
    func unsent() {
        var (position, now) = settled(head: 1)
        position.read([1, 2, 3], from: 1, isAll: true, now: now)
        position.sent([1, 3])
        #expect(position.start(now: now) == 2)
        position.read([], from: 2, isAll: true, now: now)
        #expect(position.start(now: now) == 4)
    }

    @Test("In the first minute reading begins further back, for what was open when this process began to lead")
    func takeover() {
        let position = OutboxPosition(head: 50_000, now: start)
        #expect(position.start(now: start) == 40_000)
        #expect(position.start(now: start + .seconds(61)) == 50_000)
        #expect(OutboxPosition(head: 5, now: start).start(now: start) == 0)
    }

    @Test("A row found behind the place of reading is read next")
    func found() {
        var (position, now) = settled(head: 1)
        relay(&position, [1, 2, 3], at: now)
        position.found(2)
        #expect(position.start(now: now) == 2)
        relay(&position, [2], at: now)
        position.found(9)
        #expect(position.start(now: now) == 4)
    }

    @Test("A sequence that jumps far is not kept in memory")
    func jump() {
        var (position, now) = settled(head: 1)
        relay(&position, [1_000_000_000], at: now)
        #expect(position.start(now: now) == 1_000_000_001)
    }
}
