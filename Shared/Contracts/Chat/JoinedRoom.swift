package import Primitives

/// What a socket gets when it joins a room.
package struct JoinedRoom: JSONCodable, Sendable, Equatable {
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

    package init(json: JSON) throws(JSONMismatch) {
        room = try json.get("room")
        messages = try json.get("messages")
        hasMore = try json.get("hasMore")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("room", room)
            $0.field("messages", messages)
            $0.field("hasMore", hasMore)
        }
    }
}
