import TestKit
import Testing

@testable import NATSTransport

@Suite struct PullPlanTests {
    @Test("The first pull asks for the whole window, and no second one is due while it is open")
    func first() {
        var plan = PullPlan(window: 16)
        #expect(plan.next(now: 0) == PullPlan.Pull(number: 1, batch: 16))
        #expect(plan.next(now: 0) == nil)
    }

    @Test("When a pull is used up the next is due once half the window is free, for what is free")
    func refill() {
        var plan = PullPlan(window: 16)
        _ = plan.next(now: 0)
        for _ in 0..<16 { plan.delivered(now: 1) }
        for _ in 0..<7 { plan.finished() }
        #expect(plan.next(now: 2) == nil)
        plan.finished()
        #expect(plan.next(now: 2) == PullPlan.Pull(number: 2, batch: 8, watch: .calm))
    }

    @Test("The end of the open pull makes the next one due; the end of an older one does not")
    func ended() {
        var plan = PullPlan(window: 16)
        _ = plan.next(now: 0)
        let isOpenOne = plan.ended(1)
        #expect(isOpenOne)
        #expect(plan.next(now: 1)?.number == 2)
        let isOldNews = !plan.ended(1)
        #expect(isOldNews)
        #expect(plan.next(now: 1) == nil)
    }

    @Test("A pull is silent when neither event nor heartbeat came for long enough")
    func silence() {
        var plan = PullPlan(window: 16)
        #expect(!plan.isSilent(now: .max / 2))
        _ = plan.next(now: 0)
        #expect(!plan.isSilent(now: PullPlan.Watch.close.silence))
        #expect(plan.isSilent(now: PullPlan.Watch.close.silence + 1))
        plan.heard(1, now: 1000)
        #expect(!plan.isSilent(now: PullPlan.Watch.close.silence + 1000))
        plan.heard(7, now: 5000)
        #expect(plan.isSilent(now: PullPlan.Watch.close.silence + 1001))
        plan.delivered(now: 2000)
        #expect(!plan.isSilent(now: PullPlan.Watch.close.silence + 2000))
    }

    @Test("A pull is renewed before it is over")
    func renewal() {
        let close = PullPlan.Watch.close
        var plan = PullPlan(window: 16)
        _ = plan.next(now: 0)
        #expect(plan.next(now: close.renewal - 1) == nil)
        #expect(plan.next(now: close.renewal) == PullPlan.Pull(number: 2, batch: 16))
        #expect(close.renewal + close.heartbeat < close.expires)
        let isOldNews = !plan.ended(1)
        #expect(isOldNews)
    }

    @Test("Once the server has been heard it need not speak so often, until the pulls begin anew")
    func calm() {
        let calm = PullPlan.Watch.calm
        var plan = PullPlan(window: 16)
        _ = plan.next(now: 0)
        plan.heard(1, now: 1)
        // The open one is as it was asked for.
        #expect(plan.isSilent(now: PullPlan.Watch.close.silence + 2))
        let renewed = PullPlan.Watch.close.renewal
        #expect(plan.next(now: renewed) == PullPlan.Pull(number: 2, batch: 16, watch: calm))
        #expect(!plan.isSilent(now: renewed + calm.silence))
        #expect(plan.isSilent(now: renewed + calm.silence + 1))
        #expect(plan.next(now: renewed + calm.renewal - 1) == nil)
        #expect(plan.next(now: renewed + calm.renewal)?.number == 3)
        #expect(calm.renewal + calm.heartbeat < calm.expires)
        plan.reset()
        #expect(plan.next(now: 2 * calm.renewal)?.watch == .close)
    }

    @Test("After a reset the next pull leaves room for what is still held")
    func reset() {
        var plan = PullPlan(window: 16)
        _ = plan.next(now: 0)
        for _ in 0..<5 { plan.delivered(now: 1) }
        plan.reset()
        #expect(plan.next(now: 2)?.batch == 11)
        plan.reset()
        plan.drop(5)
        #expect(plan.next(now: 3)?.batch == 16)
    }
}
