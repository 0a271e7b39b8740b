package import Messaging

/// What the chat service answers and tells.
package enum Chat {
    /// The first word of its subjects, its queue group, its schema and its user at the message server.
    package static let name = "chat"

    /// Of a message, and of a summary, in Unicode scalars.
    package static let textLength = 1...4000

    /// The chat service refuses to start until every request of it has a handler; each message has a sample in
    /// `Tests/ContractsTests`.
    package static let declaration = ServiceDeclaration(
        name: name,
        requests: [
            ListRooms.self, GetRoom.self, ListMessages.self, Send.self, MarkRead.self, ListReads.self, Close.self,
            Join.self,
            Heads.self, CatchUp.self, Facts.self, Transcript.self,
        ],
        events: [RoomClosed.self],
        // By name: the declarations of two that hear each other would wait for each other.
        sources: [Orders.name, Auth.name]
    )
}
