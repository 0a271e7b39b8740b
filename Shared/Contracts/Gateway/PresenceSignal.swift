package import Primitives

/// What a gateway tells the others of who is in a room by it: the data of a `RoomSignal` of the kind `presence`.
package struct PresenceSignal: JSONCodable, Sendable, Equatable {
    /// Everybody, each once; takes the place of what was told before. `nil` when nothing is said about that.
    package var users: [Participant]?
    /// Whether the others are asked to tell of theirs.
    package var asks: Bool

    package init(users: [Participant]?, asks: Bool = false) {
        self.users = users
        self.asks = asks
    }

    package init(json: JSON) throws(JSONMismatch) {
        users = try json.get("users")
        asks = try json.get("asks", as: Bool?.self) ?? false
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.fieldIfPresent("users", users)
            $0.field("asks", asks)
        }
    }
}
