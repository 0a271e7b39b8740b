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
                group.addTask(executorPreference: loop) { await Self.work(on: loop, commands) }
            }
        }
    }

    private static func work(on loop: GatewayLoop, _ commands: SocketCommands) async {
        await withDiscardingTaskGroup { group in
            for await socket in loop.work.cancelOnGracefulShutdown() {
                group.addTask {
                    while let frame = socket.next() { await commands.handle(frame, from: socket) }
                }
            }
        }
    }
}
