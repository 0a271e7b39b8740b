import Contracts
import Messaging
import NIOCore
import NIOWebSocket
import Primitives
import ServiceLifecycle
import Synchronization

/// Looks at every socket once a second: signs out those whose token has expired, closes those that never signed in or
/// do not answer, and
/// pings. One sweep instead of timers: an idle socket costs nothing but its memory.
struct SocketSweeper: Service {
    static let signInTime: Int64 = 10

    let hub: SocketHub

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                let now = Timestamp.now()
                for socket in hub.registry.all { sweep(socket, now) }
            }
        }
    }

    private enum Verdict {
        case fine
        case expired
        case neverSignedIn
        case silent
        case ping
    }

    private func sweep(_ socket: LiveSocket, _ now: Timestamp) {
        let verdict = socket.state.withLock { state -> Verdict in
            guard !state.isClosed else { return .fine }
            if let verified = state.verified {
                if verified.expiresAt <= now { return .expired }
            }
            let isSignedIn = state.verified != nil && (socket.door == .plain || state.isConnected)
            if !isSignedIn, socket.openedAt.advanced(bySeconds: Self.signInTime) <= now {
                return .neverSignedIn
            }
            let pingedAt = state.pingedAt ?? socket.openedAt
            let waited = now.milliseconds - pingedAt.milliseconds
            if state.pingedAt != nil, state.lastHeard < pingedAt, waited >= EngineIOPacket.pingTimeout {
                return .silent
            }
            guard waited >= EngineIOPacket.pingInterval else { return .fine }
            state.pingedAt = now
            return .ping
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
