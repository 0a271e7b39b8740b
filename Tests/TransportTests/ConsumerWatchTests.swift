import Testing

@testable import NATSTransport

struct ConsumerWatchTests {
    /// What each look of a watch finds, one after the other.
    private func missed(_ looks: [(StreamState, ConsumerState)]) -> [Bool] {
        var watch = ConsumerWatch()
        return looks.map { watch.look($0.0, $0.1) }
    }

    private func stream(_ first: UInt64, _ last: UInt64, created: String = "then") -> StreamState {
        StreamState(created: created, firstSequence: first, lastSequence: last)
    }

    private func consumer(
        _ delivered: UInt64, acknowledged: UInt64? = nil, pending: Int = 0, outstanding: Int = 0
    ) -> ConsumerState {
        ConsumerState(
            delivered: delivered, acknowledged: acknowledged ?? delivered, pending: pending, outstanding: outstanding)
    }

    @Test("What goes after it was taken is no loss, whoever's events they were")
    func aged() {
        #expect(
            missed([
                (stream(1, 100), consumer(100)),
                // Others' events came, and everything up to them has gone.
                (stream(50, 500), consumer(100)),
                (stream(501, 500), consumer(100)),
                (stream(501, 600), consumer(590, pending: 0)),
            ]) == [false, false, false, false])
    }

    @Test("What goes before it was handed out is a loss, seen once")
    func trimmed() {
        #expect(
            missed([
                (stream(1, 100), consumer(100)),
                (stream(90, 300), consumer(100, pending: 200)),
                (stream(102, 310), consumer(101, acknowledged: 100, pending: 200)),
                (stream(102, 310), consumer(310)),
            ]) == [false, false, true, false])
    }

    @Test("What went while nobody took anything is a loss, although all that was left has been taken since")
    func overtaken() {
        #expect(
            missed([
                (stream(1, 100), consumer(100)),
                (stream(400, 900), consumer(900)),
                (stream(400, 900), consumer(900)),
            ]) == [false, true, false])
    }

    @Test("What goes while it is being worked on, or waits to come again, is a loss")
    func outstanding() {
        #expect(
            missed([
                (stream(1, 100), consumer(100, acknowledged: 40, outstanding: 60)),
                (stream(41, 100), consumer(100, acknowledged: 40, outstanding: 60)),
                (stream(42, 100), consumer(100, acknowledged: 40, outstanding: 60)),
            ]) == [false, false, true])
    }

    @Test("A stream made anew may have taken with it what was not finished")
    func madeAnew() {
        #expect(
            missed([
                (stream(1, 100), consumer(100)),
                (stream(1, 3, created: "now"), consumer(3)),
                (stream(1, 5, created: "now"), consumer(5)),
            ]) == [false, true, false])
    }

    @Test("At the first look only what is certainly behind the consumer counts")
    func first() {
        #expect(
            missed([
                (stream(1, 0), consumer(0))
            ]) == [false])
        #expect(
            missed([
                (stream(50, 100), consumer(20, pending: 51))
            ]) == [true])
    }
}
