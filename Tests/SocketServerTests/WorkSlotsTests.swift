import Synchronization
import TestKit
import Testing

@testable import SocketServer

@Suite(.bounded)
struct WorkSlotsTests {
    @Test("No more run at once than there are slots, and all have their turn")
    func bound() async {
        let slots = WorkSlots(4)
        let log = Log()
        await withDiscardingTaskGroup { group in
            for _ in 0..<500 {
                group.addTask {
                    await slots.take()
                    log.state.withLock { state in
                        state.running += 1
                        state.most = max(state.most, state.running)
                    }
                    await Task.yield()
                    log.state.withLock { state in
                        state.running -= 1
                        state.done += 1
                    }
                    slots.release()
                }
            }
        }
        let state = log.state.withLock { $0 }
        #expect(state.running == 0 && state.done == 500)
        #expect((1...4).contains(state.most))
    }

    @Test("Who waits longest is next")
    func order() async {
        let slots = WorkSlots(1)
        let log = Log()
        await slots.take()
        await withDiscardingTaskGroup { group in
            for number in 0..<20 {
                group.addTask {
                    await slots.take()
                    log.state.withLock { $0.turns.append(number) }
                    slots.release()
                }
                // Until it waits: nothing else may get in front of it.
                while slots.waitingCount <= number { await Task.yield() }
            }
            slots.release()
        }
        #expect(log.state.withLock { $0.turns } == Array(0..<20))
    }
}

private final class Log: Sendable {
    struct State {
        var running = 0
        var most = 0
        var done = 0
        var turns: [Int] = []
    }

    let state = Mutex(State())
}
