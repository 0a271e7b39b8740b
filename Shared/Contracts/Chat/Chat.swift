package import Messaging

/// What the chat service answers and tells.
package enum Chat {
    package static let declaration = ServiceDeclaration(
        name: "chat",
        requests: [
            ListRooms.self, GetRoom.self, ListMessages.self, Send.self, MarkRead.self, Close.self, Join.self,
            Heads.self, CatchUp.self, Facts.self,
        ],
        events: [RoomClosed.self]
    )
}
