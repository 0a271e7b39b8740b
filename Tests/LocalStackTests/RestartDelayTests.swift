import Testing

@testable import LocalStack

@Suite("Delay before a restart")
struct RestartDelayTests {
    @Test("The first restart comes within a second, the following ones later and later, up to five seconds")
    func doubling() {
        var delay = RestartDelay()
        let delays = (0..<8).map { _ in delay.next(afterLife: .zero) }

        #expect(delays[0] <= .seconds(1))
        for (earlier, later) in zip(delays, delays.dropFirst()) {
            #expect(later == min(earlier * 2, .seconds(5)))
        }
        #expect(delays.last == .seconds(5))
    }

    @Test(
        "A life of ten seconds makes earlier deaths forgotten, a shorter one does not",
        arguments: [(Duration.seconds(10), true), (.milliseconds(9_999), false)])
    func forgetting(life: Duration, forgotten: Bool) {
        var delay = RestartDelay()
        for _ in 0..<4 { _ = delay.next(afterLife: .zero) }

        #expect((delay.next(afterLife: life) == RestartDelay.first) == forgotten)
    }
}
