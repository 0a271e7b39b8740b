import Contracts
import Messaging
import ServiceLifecycle
import Threads

/// Tells the other gateways that this one is there, for as long as it has sockets in rooms, and hears them say so.
struct Heartbeat: Sendable {
    let id: GatewayID
    let shards: [RoomShard]
    let transport: any Transport

    /// Until told to stop, upon which the others are told at once.
    func run() async {
        let subscription = await cancelWhenGracefulShutdown { () -> (any TransportSubscription)? in
            let subscription = await listen()
            while !Task.isCancelled {
                if await isWanted { tell(.alive) }
                try? await Pause.sleep(for: GatewayPeers.heartbeat)
            }
            return subscription
        }
        tell(.left)
        await subscription?.cancel()
    }

    /// - Returns: `nil` when told to stop.
    private func listen() async -> (any TransportSubscription)? {
        while !Task.isCancelled {
            let subscription = try? await transport.subscribe(GatewaySignal.pattern) { [id, shards] subject, message in
                guard let signal = GatewaySignal(subject: subject, envelope: message), signal.gateway != id else {
                    return
                }
                for shard in shards { shard.hear(signal) }
            }
            if let subscription { return subscription }
            try? await Pause.sleep(for: .milliseconds(200))
        }
        return nil
    }

    /// Without sockets in rooms nothing that this gateway has announced needs it: an idle system stays idle.
    private var isWanted: Bool {
        get async {
            for shard in shards where await shard.isInhabited { return true }
            return false
        }
    }

    /// While there is no link nobody hears it, and the next one follows.
    private func tell(_ kind: GatewaySignal.Kind) {
        let signal = GatewaySignal(kind, of: id)
        try? transport.publish(signal.subject, signal.envelope)
    }
}
