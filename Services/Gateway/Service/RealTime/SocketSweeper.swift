import Contracts
import NIOCore
import NIOWebSocket
import Primitives
import ServiceLifecycle
import Synchronization

/// Looks at every socket once a second: signs out those whose token has expired, closes those that never signed in or
/// do not answer, and pings. One sweep instead of timers: an idle socket costs nothing but its memory.
struct SocketSweeper: Service {
    let hub: SocketHub

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                let (now, wall) = (NIODeadline.now(), Timestamp.now())
                for socket in hub.registry.all { sweep(socket, now, wall) }
            }
        }
    }

    private func sweep(_ socket: LiveSocket, _ now: NIODeadline, _ wall: Timestamp) {
        let verdict = socket.state.withLock { state -> SocketVigil.Verdict in
            guard !state.isClosed else { return .fine }
            let isSignedIn = state.verified != nil && (socket.door == .plain || state.isConnected)
            return state.vigil.judge(
                isSignedIn: isSignedIn, expiry: state.verified?.expiresAt, now: now, wall: wall)
        }
        switch verdict {
        case .fine: break
        case .expired: hub.end(socket, .expired)
        case .neverSignedIn: socket.close(.unknown(4401))
        case .silent: socket.channel.close(promise: nil)
        case .ping: socket.ping()
        }
    }
}
