import Testing

@testable import NATSTransport

@Suite struct FollowPositionTests {
    private func stream(_ created: String, _ first: UInt64, _ last: UInt64) -> StreamState {
        StreamState(created: created, firstSequence: first, lastSequence: last)
    }

    /// A follower that came when 10 was the last and has seen 11 and 12 since.
    private func atTwelve() -> FollowPosition {
        var position = FollowPosition()
        _ = position.look(stream("a", 1, 10))
        _ = position.step(10, time: 100)
        _ = position.step(11, time: 110)
        _ = position.step(12, time: 120)
        return position
    }

    @Test(
        "What was made between two looks was made at the stream of the first when the second finds it, and all it had",
        arguments: [
            ("a", UInt64(1), UInt64(10), true), ("a", 1, 12, true), ("a", 5, 12, true), ("b", 1, 10, false),
            ("b", 1, 20, false), ("a", 1, 9, false),
        ])
    func secondLook(created: String, first: UInt64, last: UInt64, isContinued: Bool) {
        #expect(stream("a", 1, 10).isContinued(by: stream(created, first, last)) == isContinued)
    }

    @Test("The first look says ready, and the event that was last then is not delivered")
    func first() {
        var position = FollowPosition()
        #expect(position.look(stream("a", 1, 10)) == .ready)
        #expect(position.startSequence == 10)
        #expect(position.step(10, time: 100) == .skip)
        #expect(position.step(11, time: 110) == .deliver)
    }

    @Test("Of an empty stream the first event is delivered")
    func empty() {
        var position = FollowPosition()
        #expect(position.look(stream("a", 0, 0)) == .ready)
        #expect(position.startSequence == 1)
        #expect(position.step(1, time: 10) == .deliver)
    }

    @Test("Of a stream emptied by age the next event is delivered")
    func emptied() {
        var position = FollowPosition()
        #expect(position.look(stream("a", 11, 10)) == .ready)
        #expect(position.step(11, time: 10) == .deliver)
    }

    @Test("After an interruption it goes on behind the last event seen")
    func resumed() {
        var position = atTwelve()
        #expect(position.look(stream("a", 1, 15)) == .resumed)
        #expect(position.startSequence == 12)
        #expect(position.step(12, time: 120) == .skip)
        #expect(position.step(13, time: 130) == .deliver)
    }

    @Test("A stream made anew is a gap, and all of it is delivered")
    func replaced() {
        var position = atTwelve()
        #expect(position.look(stream("b", 1, 20)) == .gap)
        #expect(position.startSequence == 1)
        #expect(position.step(1, time: 200) == .deliver)
    }

    @Test("A stream that ends before the position was rolled back: a gap")
    func rolledBack() {
        var position = atTwelve()
        #expect(position.look(stream("a", 1, 11)) == .gap)
        #expect(position.step(11, time: 110) == .skip)
        #expect(position.step(12, time: 300) == .deliver)
    }

    @Test("A stream rolled back and grown past the position again shows by another event there: a gap")
    func rolledBackAndGrown() {
        var position = atTwelve()
        #expect(position.look(stream("a", 1, 20)) == .resumed)
        #expect(position.step(12, time: 300) == .gapThenDeliver)
        #expect(position.step(13, time: 310) == .deliver)
    }

    @Test("A stream trimmed past the position is a gap; trimmed up to it is none")
    func trimmed() {
        var position = atTwelve()
        #expect(position.look(stream("a", 14, 20)) == .gap)
        #expect(position.step(14, time: 300) == .deliver)
        position = atTwelve()
        #expect(position.look(stream("a", 13, 20)) == .resumed)
        #expect(position.step(13, time: 300) == .deliver)
    }

    @Test("A hole between two events is a gap")
    func hole() {
        var position = atTwelve()
        #expect(position.step(14, time: 140) == .gapThenDeliver)
        #expect(position.step(13, time: 130) == .skip)
    }
}
