import TestKit
import Testing
import Threads

@testable import Postgres

@Suite("Queue of work")
struct WorkQueueTests {
    private func work(_ number: Int, waits: Duration = .seconds(60)) -> Work {
        Work(
            run: { _, _ in .done {} }, refuse: { _ in }, ticket: Work.Ticket(),
            deadline: .after(waits + .milliseconds(number)))
    }

    @Test("It gives what was put in, in that order, whatever is taken and removed between", .seeded)
    func order() {
        var queue = WorkQueue()
        var model: [Work] = []
        var generator = SeededGenerator()
        for number in 0..<20_000 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5:
                let work = work(number)
                queue.append(work)
                model.append(work)
            case 5..<8:
                let taken = queue.popFirst()
                #expect(taken?.ticket === model.first?.ticket)
                if !model.isEmpty { model.removeFirst() }
            default:
                guard let work = model.randomElement(using: &generator) else { continue }
                #expect(queue.remove(work.ticket)?.ticket === work.ticket)
                #expect(queue.remove(work.ticket) == nil)
                model.removeAll { $0.ticket === work.ticket }
            }
            #expect(queue.count == model.count)
        }
    }

    @Test("Only what is past its deadline is taken out")
    func expiry() {
        var queue = WorkQueue()
        let works = [work(0, waits: .seconds(-1)), work(1), work(2, waits: .seconds(-1)), work(3, waits: .seconds(1))]
        for work in works { queue.append(work) }
        #expect(queue.earliestDeadline == works.map(\.deadline).min())
        let expired = queue.removeExpired(at: .now)
        #expect(expired.count == 2 && expired[0].ticket === works[0].ticket && expired[1].ticket === works[2].ticket)
        #expect(queue.count == 2 && queue.earliestDeadline == works[3].deadline)
        #expect(queue.removeExpired(at: nil).count == 2)
        #expect(queue.isEmpty && queue.earliestDeadline == nil)
    }
}
