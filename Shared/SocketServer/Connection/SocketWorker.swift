import ServiceLifecycle

/// Works on what sockets have sent: each socket's messages one after another, different sockets at the same time.
package struct SocketWorker: Service {
    private let loops: SocketLoops

    package init(_ loops: SocketLoops) { self.loops = loops }

    /// Works until told to stop; what has been taken up is finished.
    package func run() async throws {
        await withDiscardingTaskGroup { group in
            for loop in loops.all {
                group.addTask(executorPreference: loop.executor) {
                    await withGracefulShutdownHandler {
                        await Self.work(on: loop)
                    } onGracefulShutdown: {
                        loop.endWork()
                    }
                }
            }
        }
    }

    /// Messages of a loop in work at once; others wait for their turn, and their sockets' readers with them.
    private static let limit = 128

    /// Works on what the sockets of one loop send, until `SocketLoop.endWork`.
    package static func work(on loop: SocketLoop) async {
        let slots = WorkSlots(limit)
        await withDiscardingTaskGroup { group in
            for await socket in loop.work {
                await slots.take()
                group.addTask {
                    if let message = socket.next() { await socket.peer?.received(message) }
                    slots.release()
                    // To the end of the queue, so that one that sends much does not keep others waiting.
                    if !socket.rests() { loop.work(on: socket) }
                }
            }
        }
    }
}
