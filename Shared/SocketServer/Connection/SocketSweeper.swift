import NIOCore
import ServiceLifecycle
import Threads

/// Looks at every socket again and again: closes those that never said who they are or do not answer, and pings. One
/// sweep instead of timers: an idle socket costs nothing but its memory.
package struct SocketSweeper: Service {
    private let acceptor: SocketAcceptor

    package init(_ acceptor: SocketAcceptor) { self.acceptor = acceptor }

    /// Sweeps until told to stop.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Pause.sleep(for: .nanoseconds(acceptor.settings.sweepInterval.nanoseconds))
                sweep()
            }
        }
    }

    /// Looks at all of them once.
    package func sweep() {
        for socket in acceptor.sockets {
            switch socket.judge() {
            case .fine: break
            case .overstayed: socket.peer?.overstayed()
            case .silent: socket.vanish()
            case .ping: socket.ping()
            }
        }
    }
}
