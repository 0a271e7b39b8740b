import Contracts
import Messaging

/// One room of this gateway: which of its sockets are in it, and what they have been delivered.
struct RoomState {
    typealias Events = [ServerEvent]

    /// Tells it from another of the same order: answers about one that has been forgotten mean nothing for the next.
    private(set) var number: Int
    var feed = RoomFeed<Events>()
    /// Those who are up to date.
    var live = SocketGroup()
    var members: [Int: LiveSocket] = [:]
    /// Joins under way: they keep the room as members do.
    var joining = 0
    var listening = Listening.no
    var presence: RoomPresence
    var typing = RoomTyping()
    /// Sockets that type without having joined, and who was let: another caller must be let anew.
    var guests: [Int: (socket: LiveSocket, caller: Caller)] = [:]
    /// Whether the closing summary has been heard of; not learnt from a page.
    var isClosed = false

    /// Whether the room's signals are listened to.
    enum Listening {
        case no
        /// Joins that wait for the subscription that one of them has asked for.
        case asked([CheckedContinuation<Void, any Error>])
        case yes(any TransportSubscription)
    }

    init(number: Int, gateway: GatewayID) {
        self.number = number
        presence = RoomPresence(gateway: gateway)
    }

    var isUnused: Bool { members.isEmpty && joining == 0 && !typing.hasOwn }

    /// The same room begun anew: nobody is in it, and what was delivered counts no more.
    func begunAnew(number: Int, at now: ContinuousClock.Instant) -> RoomState {
        var next = self
        next.number = number
        next.feed = RoomFeed()
        next.live = SocketGroup()
        next.members = [:]
        next.guests = [:]
        next.isClosed = false
        next.typing.stopAll()
        next.presence.exitAll(at: now)
        return next
    }
}
