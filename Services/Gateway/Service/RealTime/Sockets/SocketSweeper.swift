import Contracts
import NIOCore
import Primitives
import ServiceLifecycle

/// Looks at every socket once a second: signs out those whose token has expired, closes those that never signed in or
/// do not answer, and pings. One sweep instead of timers: an idle socket costs nothing but its memory.
struct SocketSweeper: Service {
    let hub: SocketHub
    let now: WallClock

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                sweep()
            }
        }
    }

    /// Looks at all of them once.
    func sweep() {
        let wall = now()
        for socket in hub.registry.all {
            switch socket.judge(wall: wall) {
            case .fine: break
            case .expired: hub.end(socket, .expired)
            case .neverSignedIn: socket.close(.signIn)
            case .silent: socket.channel.close(promise: nil)
            case .ping: socket.ping()
            }
        }
    }
}
