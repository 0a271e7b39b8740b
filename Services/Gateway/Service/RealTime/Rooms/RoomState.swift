import Messaging

/// One room of this gateway: which of its sockets are in it, and what they have been delivered.
struct RoomState {
    typealias Events = [ServerEvent]

    /// Tells it from another of the same order: answers about one that has been forgotten mean nothing for the next.
    let number: Int
    var feed = RoomFeed<Events>()
    /// Those who are up to date.
    var live = SocketGroup()
    var members: [Int: LiveSocket] = [:]
    /// Joins under way: they keep the room as members do.
    var joining = 0
    var listening = Listening.no

    /// Whether the room's signals are listened to.
    enum Listening {
        case no
        /// Joins that wait for the subscription that one of them has asked for.
        case asked([CheckedContinuation<Void, any Error>])
        case yes(any TransportSubscription)
    }

    init(number: Int) { self.number = number }

    var isUnused: Bool { members.isEmpty && joining == 0 }

    /// The same room begun anew: nobody is in it, and what was delivered counts no more.
    func begunAnew(number: Int) -> RoomState {
        var next = RoomState(number: number)
        next.joining = joining
        next.listening = listening
        return next
    }
}
