package import Primitives

/// What a socket gets when it joins a room.
package struct JoinedRoom: DescribedObject, Sendable, Equatable {
    package var room: Room
    /// Ascending by `seq`.
    package var messages: [Message]
    /// With `after`: later ones follow. Without: there are older ones.
    package var hasMore: Bool

    package init(
        room: Room, messages: [Message], hasMore: Bool
    ) {
        self.room = room
        self.messages = messages
        self.hasMore = hasMore
    }

    package static let about = "A room that a socket has joined, and messages to begin with."

    package static let example = JoinedRoom(room: .example, messages: [.example], hasMore: false)

    package static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("room", &object.room, "The room.")
        try list.member("messages", &object.messages, "Ascending by `seq`.")
        try list.member(
            "hasMore", &object.hasMore, "With `after`: later ones follow by themselves. Without: there are older ones.")
    }
}
