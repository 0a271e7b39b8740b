package import Primitives

/// What a gateway tells the others of somebody who types in a room by it, or not any more: the data of a `RoomSignal` of
/// the kind `typing`.
package struct TypingSignal: JSONCodable, Sendable, Equatable {
    package var user: Participant
    package var isTyping: Bool

    package init(user: Participant, isTyping: Bool) {
        self.user = user
        self.isTyping = isTyping
    }

    package init(json: JSON) throws(JSONMismatch) {
        user = try json.get("user")
        isTyping = try json.get("isTyping")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("user", user)
            $0.field("isTyping", isTyping)
        }
    }
}
