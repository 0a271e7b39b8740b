package import Primitives

/// A chat room as one user sees it.
package struct Room: JSONCodable, Sendable, Equatable {
    package var orderID: Identifier
    package var owner: Person
    /// Whether messages may still be added; closed for good by a summary.
    package var isOpen: Bool
    /// What the room was closed with, also its last message; `nil` while it is open.
    package var summary: String?
    package var closedAt: Timestamp?
    package var closedBy: Participant?
    /// The `seq` of the last message; 0 in an empty room.
    package var lastSeq: Int
    /// Messages of others past the user's read position.
    package var unread: Int
    /// The message of `lastSeq`; `nil` in an empty room.
    package var lastMessage: Message?
    package var createdAt: Timestamp

    package init(
        orderID: Identifier, owner: Person, isOpen: Bool, summary: String? = nil, closedAt: Timestamp? = nil,
        closedBy: Participant? = nil, lastSeq: Int, unread: Int, lastMessage: Message? = nil, createdAt: Timestamp
    ) {
        self.orderID = orderID
        self.owner = owner
        self.isOpen = isOpen
        self.summary = summary
        self.closedAt = closedAt
        self.closedBy = closedBy
        self.lastSeq = lastSeq
        self.unread = unread
        self.lastMessage = lastMessage
        self.createdAt = createdAt
    }

    package init(json: JSON) throws(JSONMismatch) {
        orderID = try json.get("orderId")
        owner = try json.get("owner")
        isOpen = try json.get("isOpen")
        summary = try json.get("summary")
        closedAt = try json.get("closedAt")
        closedBy = try json.get("closedBy")
        lastSeq = try json.get("lastSeq")
        unread = try json.get("unread")
        lastMessage = try json.get("lastMessage")
        createdAt = try json.get("createdAt")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("orderId", orderID)
            $0.field("owner", owner)
            $0.field("isOpen", isOpen)
            $0.field("summary", summary)
            $0.field("closedAt", closedAt)
            $0.field("closedBy", closedBy)
            $0.field("lastSeq", lastSeq)
            $0.field("unread", unread)
            $0.field("lastMessage", lastMessage)
            $0.field("createdAt", createdAt)
        }
    }
}
