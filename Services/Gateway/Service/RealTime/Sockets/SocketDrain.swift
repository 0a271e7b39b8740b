import Logging
import Messaging
import ServiceLifecycle

/// Keeps the gateway until its sockets have gone: each is told to reconnect, at a moment of its own within the drain
/// time.
///
/// Stands after everything that sockets need and before the server, which has stopped taking new connections when this
/// begins.
struct SocketDrain: Service {
    let hub: SocketHub
    let logger: Logger

    func run() async throws {
        try await gracefulShutdown()
        logger.info("sockets are told to reconnect", metadata: ["count": "\(hub.registry.count)"])
        // Two seconds for the last ones to answer; the process has 33 s in all, and the drain time is at most 30.
        let end = ContinuousClock.now + hub.drainTime + .seconds(2)
        var told: Set<Int> = []
        while hub.registry.count > 0, ContinuousClock.now < end {
            // Again and again, for those that were being opened when this began.
            for socket in hub.registry.all where told.insert(socket.id).inserted { hub.leave(socket) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

/// The server, with the drain beside its end: it waits for requests in work, and one that polls for a session is in work
/// until that session has something to say, if only that it is over. What still came in is told by the drain behind it.
struct DrainingServer: Service {
    let server: any Service
    let drain: SocketDrain

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask { try await drain.run() }
            try await group.waitForAll()
        }
    }
}
