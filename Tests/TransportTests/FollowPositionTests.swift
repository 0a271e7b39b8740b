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
        _ = position.step(10, id: "100")
        _ = position.step(11, id: "110")
        _ = position.step(12, id: "120")
        return position
    }

    @Test("The first look says ready, and the event that was last then is not delivered")
    func first() {
        var position = FollowPosition()
        #expect(position.look(stream("a", 1, 10)) == .ready)
        #expect(position.startSequence == 10)
        #expect(position.step(10, id: "100") == .skip)
        #expect(position.step(11, id: "110") == .deliver)
    }

    @Test("Of an empty stream the first event is delivered")
    func empty() {
        var position = FollowPosition()
        #expect(position.look(stream("a", 0, 0)) == .ready)
        #expect(position.startSequence == 1)
        #expect(position.step(1, id: "10") == .deliver)
    }

    @Test("Of a stream emptied by age the next event is delivered")
    func emptied() {
        var position = FollowPosition()
        #expect(position.look(stream("a", 11, 10)) == .ready)
        #expect(position.step(11, id: "10") == .deliver)
    }

    @Test("After an interruption it goes on behind the last event seen")
    func resumed() {
        var position = atTwelve()
        #expect(position.look(stream("a", 1, 15)) == .resumed)
        #expect(position.startSequence == 12)
        #expect(position.step(12, id: "120") == .skip)
        #expect(position.step(13, id: "130") == .deliver)
    }

    @Test("A stream made anew is a gap, and all of it is delivered")
    func replaced() {
        var position = atTwelve()
        #expect(position.look(stream("b", 1, 20)) == .gap)
        #expect(position.startSequence == 1)
        #expect(position.step(1, id: "200") == .deliver)
    }

    @Test("A stream that ends before the position was rolled back: a gap")
    func rolledBack() {
        var position = atTwelve()
        #expect(position.look(stream("a", 1, 11)) == .gap)
        #expect(position.step(11, id: "110") == .skip)
        #expect(position.step(12, id: "300") == .deliver)
    }

    @Test("A stream rolled back and grown past the position again shows by another event there: a gap")
    func rolledBackAndGrown() {
        var position = atTwelve()
        #expect(position.look(stream("a", 1, 20)) == .resumed)
        #expect(position.step(12, id: "300") == .gapThenDeliver)
        #expect(position.step(13, id: "310") == .deliver)
    }

    @Test("A stream trimmed past the position is a gap; trimmed up to it is none")
    func trimmed() {
        var position = atTwelve()
        #expect(position.look(stream("a", 14, 20)) == .gap)
        #expect(position.step(14, id: "300") == .deliver)
        position = atTwelve()
        #expect(position.look(stream("a", 13, 20)) == .resumed)
        #expect(position.step(13, id: "300") == .deliver)
    }

    @Test("A hole between two events is a gap")
    func hole() {
        var position = atTwelve()
        #expect(position.step(14, id: "140") == .gapThenDeliver)
        #expect(position.step(13, id: "130") == .skip)
    }
}
