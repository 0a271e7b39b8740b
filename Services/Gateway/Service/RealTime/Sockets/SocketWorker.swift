import Messaging
import ServiceLifecycle

/// Works on what sockets have sent: each socket's frames one after another, different sockets at the same time.
struct SocketWorker: Service {
    let hub: SocketHub
    let commands: SocketCommands

    func run() async throws {
        let commands = commands
        await withDiscardingTaskGroup { group in
            for loop in hub.loops.all {
                group.addTask(executorPreference: loop.executor) {
                    await withGracefulShutdownHandler {
                        await Self.work(on: loop, commands)
                    } onGracefulShutdown: {
                        loop.endWork()
                    }
                }
            }
        }
    }

    /// Frames of a loop in work at once; others wait for their turn, and their sockets' readers with them.
    private static let limit = 128

    /// Works on what the sockets of one loop send, until `GatewayLoop.endWork`.
    static func work(on loop: GatewayLoop, _ commands: SocketCommands) async {
        let slots = WorkSlots(limit)
        await withDiscardingTaskGroup { group in
            for await socket in loop.work {
                await slots.take()
                group.addTask {
                    if let frame = socket.next() { await commands.handle(frame, from: socket) }
                    slots.release()
                    // To the end of the queue, so that one that sends much does not keep others waiting.
                    if !socket.rests() { loop.work(on: socket) }
                }
            }
        }
    }
}
