import Contracts
import Logging
import Messaging
import Primitives
import ServiceLifecycle
import SocketServer
import Synchronization

/// Follows what the services tell each other, and tells the sockets concerned.
final class EventFollower: Service {
    private let hub: SocketHub
    private let transport: any Transport
    private let verifier: TokenVerifier
    private let revocations: Revocations
    private let upkeep: IdentityUpkeep
    private let bus: MessageBus
    private let logger: Logger
    private let ready = Atomic<Bool>(false)
    /// The last version told of an order's status, so that a repeat never takes a socket back.
    private let versions = Mutex(RecentVersions(capacity: 20_000))

    init(
        hub: SocketHub, transport: any Transport, verifier: TokenVerifier, revocations: Revocations,
        upkeep: IdentityUpkeep, bus: MessageBus, logger: Logger
    ) {
        self.verifier = verifier
        self.hub = hub
        self.transport = transport
        self.revocations = revocations
        self.upkeep = upkeep
        self.bus = bus
        self.logger = logger
    }

    /// Whether events come in.
    var isReady: Bool { ready.load(ordering: .acquiring) }

    func run() async throws {
        try await transport.follow { [self] followed in
            switch followed {
            case .ready:
                // Sessions that ended before the position is known come with the list, those after it with the feed: in
                // this order none is missed. Nobody waits for auth here: what follows, and a stop, must not either.
                upkeep.doubt()
                ready.store(true, ordering: .releasing)
            case .gap: recover()
            case .event(let event): await take(event)
            }
        }
    }

    /// Events may have been missed: sessions are asked for anew, and sockets are told to reconnect within a second,
    /// because a status may have passed them by, or the end of their session. Until auth has answered no token is
    /// believed, neither theirs when they come again nor that of an HTTP call: any may be one that has ended.
    private func recover() {
        logger.warning("events may have been missed: sockets are told to reconnect")
        upkeep.doubt()
        // A moment for auth's answer, so that those whose session has ended hear that first.
        for socket in hub.registry.all {
            socket.close(.reconnect, after: .milliseconds(300), within: .milliseconds(500))
        }
    }

    private func take(_ event: StreamEvent) async {
        do {
            switch event.subject {
            case Orders.Created.subject:
                // The commonest event, and often there is nobody to tell.
                guard hub.registry.hasAdmins else { return }
                hub.registry.sendToAdmins(ServerEvent(.orderCreated, try await order(in: event)))
            case Orders.Updated.subject:
                let outline = try JSON(jsonBytes: event.message.payload)["order"]
                guard let owner = try outline.get("owner", as: Person?.self),
                    hub.registry.hasAdmins || !hub.registry.sockets(of: owner.id).isEmpty
                else { return }
                hub.registry.send(ServerEvent(.orderUpdated, try await order(in: event)), toUser: owner.id)
            case Orders.StatusChanged.subject: await tell(try Orders.StatusChanged(jsonBytes: event.message.payload))
            case Auth.SessionEnded.subject:
                let ended = try Auth.SessionEnded(jsonBytes: event.message.payload)
                revocations.end(session: ended.sessionID)
                hub.end(session: ended.sessionID, of: ended.userID, ended.reason)
            case Auth.UserChanged.subject:
                let change = try Auth.UserChanged(jsonBytes: event.message.payload)
                if revocations.note(change) { hub.endRevoked(of: change.userID) }
            case Auth.KeysChanged.subject:
                verifier.revoke(try Auth.KeysChanged(jsonBytes: event.message.payload).revoked)
                hub.endUnsigned(verifier)
                upkeep.wish()
            default: break
            }
        } catch {
            logger.error(
                "event not understood", metadata: ["subject": "\(event.subject)", "sequence": "\(event.sequence)"])
            // It may have said whose session is over: no token is believed until auth's list has said so.
            if event.subject.hasPrefix("\(Auth.name).") { upkeep.doubt() }
        }
    }

    /// The order as it was encoded by its owner; a large one is not in the event and is asked for.
    private func order(in event: StreamEvent) async throws -> JSON {
        let told = try JSON(jsonBytes: event.message.payload)
        guard told["isOutline"] == .bool(true) else { return told["order"] }
        let fetch = Orders.Fetch(orderID: try told["order"].get("id"))
        return try JSON(jsonBytes: try await bus.relay(fetch, context: .background()).body)
    }

    private func tell(_ change: Orders.StatusChanged) async {
        guard versions.withLock({ $0.isNew(change.version, of: change.orderID) }) else { return }
        let joined = await hub.rooms.members(of: change.orderID)
        hub.registry.send(
            ServerEvent(.orderStatusChanged, OrderStatusNotice(change)), toUser: change.ownerID, others: joined)
    }
}

/// The last versions seen of the things seen last.
struct RecentVersions: Sendable {
    private let capacity: Int
    private var current: [Identifier: Int] = [:]
    private var previous: [Identifier: Int] = [:]

    init(capacity: Int) { self.capacity = capacity }

    /// Whether `version` is newer than the last one of `id`; remembers it if so.
    mutating func isNew(_ version: Int, of id: Identifier) -> Bool {
        if let known = current[id] ?? previous[id], known >= version { return false }
        current[id] = version
        // Two halves instead of a list by age: dropping the older half keeps the bound and costs nothing per entry.
        if current.count >= capacity / 2 {
            previous = current
            current = [:]
        }
        return true
    }
}
