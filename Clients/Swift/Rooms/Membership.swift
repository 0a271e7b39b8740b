/// One ``Room`` as the client's actor knows it, from the first join to the end.
final class Membership {
    /// Nobody has the room any more when this is `nil`: then it is left.
    weak let room: Room?
    let end: RoomEnd
    let orderId: String
    /// How many messages a first join brings.
    let limit: Int?
    var progress: Progress
    /// Joins again after a while.
    var retry: Task<Void, Never>?
    var readers: [AsyncThrowingStream<RoomEvent, any Error>.Continuation] = []
    /// The sender who waits until messages may be sent, or never may; one at a time has its turn.
    var sender: AsyncStream<Never>.Continuation?

    init(_ room: Room) {
        self.room = room
        end = room.end
        orderId = room.orderId
        limit = room.limit
        progress = Progress(after: room.after)
    }

    /// By which the actor finds it.
    var key: ObjectIdentifier { ObjectIdentifier(end) }
}
