import Messaging
import Testing

@testable import NATSTransport

@Suite struct PullConsumerStateTests {
    private func delivery(_ number: Int) throws -> StreamDelivery {
        try #require(
            StreamDelivery(
                subject: "s", acknowledgement: "$JS.ACK.E.c.1.\(number).\(number).5.0", message: .number(number)))
    }

    private func attached(concurrency: Int = 1, deliveries: Range<Int>) throws
        -> PullConsumerState
    {
        var state = PullConsumerState(concurrency: concurrency)
        state.attach(pullSubject: "p", identity: "a")
        state.confirm()
        _ = state.nextPull(now: 0)
        for number in deliveries { #expect(state.delivered(try delivery(number), now: 1)) }
        return state
    }

    /// What `next` says, by the number of the event.
    private func next(_ state: inout PullConsumerState) -> String {
        switch state.next() {
        case .delivery(let delivery): "\(delivery.event.message.number)"
        case .detached: "detached"
        case .stopped: "stopped"
        case nil: "wait"
        }
    }

    @Test("Events are handed out in order, no more at a time than the concurrency")
    func concurrency() throws {
        var state = try attached(concurrency: 2, deliveries: 1..<4)
        #expect([next(&state), next(&state), next(&state)] == ["1", "2", "wait"])
        state.finished(try delivery(1), word: "+ACK")
        #expect(next(&state) == "3")
    }

    @Test("While detached nothing is handed out and nothing acknowledged; afterwards both go on")
    func detached() throws {
        var state = try attached(deliveries: 1..<3)
        #expect(next(&state) == "1")
        state.detach()
        state.finished(try delivery(1), word: "+ACK")
        #expect(next(&state) == "detached")
        #expect(state.takeUnsent().isEmpty)
        state.attach(pullSubject: "p", identity: "a")
        state.confirm()
        #expect(state.takeUnsent().map(\.word) == ["+ACK"])
        #expect(next(&state) == "2")
    }

    @Test("Until it is certain whose events they are they are handed out, and nothing is said of them to the stream")
    func unconfirmed() throws {
        var state = try attached(deliveries: 1..<3)
        #expect(next(&state) == "1")
        state.detach()
        // The stream is made anew between the look at it and the pull: the second look finds another.
        state.attach(pullSubject: "p", identity: "a")
        #expect(next(&state) == "wait")
        state.finished(try delivery(1), word: "+ACK")
        #expect(state.takeUnsent().isEmpty)
        #expect(state.tick(now: 11_000_000_000).isEmpty)
        state.detach()
        state.attach(pullSubject: "p", identity: "b")
        state.confirm()
        #expect(state.takeUnsent().isEmpty)
    }

    @Test("Under another identity what was delivered is dropped and what is running is not acknowledged")
    func replaced() throws {
        var state = try attached(deliveries: 1..<3)
        #expect(next(&state) == "1")
        state.detach()
        state.attach(pullSubject: "p", identity: "b")
        #expect(next(&state) == "wait")
        state.finished(try delivery(1), word: "+ACK")
        #expect(state.takeUnsent().isEmpty)
    }

    @Test("A stop hands out what was delivered, then says so")
    func stop() throws {
        var state = try attached(deliveries: 1..<3)
        state.stop(now: 10)
        #expect(state.nextPull(now: 10) == nil)
        #expect(state.delivered(try delivery(3), now: 11))
        #expect(next(&state) == "1")
        state.drained()
        for number in 1..<3 {
            state.finished(try delivery(number), word: "+ACK")
            #expect(next(&state) == "\(number + 1)")
        }
        state.finished(try delivery(3), word: "+ACK")
        #expect(next(&state) == "stopped")
        #expect(state.takeUnsent().count == 3)
        let isTooLate = !state.delivered(try delivery(4), now: 12)
        #expect(isTooLate)
    }

    @Test("A stop does not wait for ever for the last message")
    func giveUp() throws {
        var state = try attached(deliveries: 1..<1)
        state.stop(now: 0)
        #expect(next(&state) == "wait")
        _ = state.tick(now: 2_999_999_999)
        #expect(next(&state) == "wait")
        _ = state.tick(now: 3_000_000_000)
        #expect(next(&state) == "stopped")
    }

    @Test("While detached a stop is at once")
    func stopAtOnce() {
        var state = PullConsumerState(concurrency: 1)
        state.stop(now: 0)
        #expect(next(&state) == "stopped")
        state.attach(pullSubject: "p", identity: "a")
        #expect(next(&state) == "stopped")
    }

    @Test("A loss of the link while stopping drops what was not handed out")
    func lossWhileStopping() throws {
        var state = try attached(deliveries: 1..<3)
        state.stop(now: 0)
        state.detach()
        #expect(next(&state) == "stopped")
    }

    @Test("Work that takes long is reported in progress every ten seconds, whether handed out or waiting")
    func inProgress() throws {
        var state = try attached(deliveries: 1..<3)
        #expect(next(&state) == "1")
        let second: Int64 = 1_000_000_000
        state.told(100, pull: 1, now: 9 * second)
        #expect(state.tick(now: 9 * second).isEmpty)
        state.told(100, pull: 1, now: 11 * second)
        #expect(state.tick(now: 11 * second).count == 2)
        #expect(state.tick(now: 11 * second).isEmpty)
    }

    @Test(
        "What the server says about a pull",
        arguments: [(100, false), (404, false), (408, false), (409, true), (503, true)])
    func status(status: Int, isDoubt: Bool) throws {
        var state = try attached(deliveries: 1..<1)
        state.told(status, pull: 7, now: 1)
        #expect(next(&state) == "wait")
        state.told(status, pull: 1, now: 1)
        #expect(next(&state) == (isDoubt ? "detached" : "wait"))
    }

    @Test("A pull that is not heard of puts the consumer in doubt")
    func silence() throws {
        var state = try attached(deliveries: 1..<1)
        _ = state.tick(now: PullPlan.Watch.close.silence + 2)
        #expect(next(&state) == "detached")
    }
}
