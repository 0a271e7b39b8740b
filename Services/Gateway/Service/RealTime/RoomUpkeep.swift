import Contracts
import Messaging
import ServiceLifecycle

/// Runs what keeps the rooms going: signals in order, chores at the same time, and the two ticks.
struct RoomUpkeep: Service {
    let rooms: RoomHub
    let signals: SignalQueue
    let transport: any Transport

    func run() async throws {
        let (rooms, signals) = (rooms, signals)
        transport.onLinkChange { isConnected in
            if isConnected { signals.linkIsUp() }
        }
        await withDiscardingTaskGroup { group in
            group.addTask {
                await withGracefulShutdownHandler {
                    for await signal in signals.signals { await rooms.receive(signal) }
                } onGracefulShutdown: {
                    signals.endSignals()
                }
            }
            group.addTask { await doChores() }
            group.addTask { await tick(every: .milliseconds(100)) { await rooms.tickBehind() } }
            group.addTask { await tick(every: .seconds(2)) { await rooms.compareHeads(isUrgent: false) } }
        }
    }

    private func doChores() async {
        // Pages asked for at once: many are missing many when the link comes back, and each takes a while.
        let pages = WorkSlots(64)
        // Nobody is left to get them when this is told to stop: what is asked for is not waited for.
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for await chore in signals.chores {
                    switch chore {
                    case .closed(let socket): await rooms.closed(socket)
                    case .fetch(let request):
                        group.addTask {
                            await rooms.fetch(request, in: pages)
                        }
                    case .retire(let subscription): group.addTask { await subscription.cancel() }
                    case .compareHeads: group.addTask { await rooms.compareHeads(isUrgent: true) }
                    }
                }
            }
        }
    }

    private func tick(every interval: Duration, _ body: @escaping @Sendable () async -> Void) async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: interval)
                await body()
            }
        }
    }
}
