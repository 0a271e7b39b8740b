package import Primitives

/// A chat room as one user sees it.
package struct Room: DescribedObject, Sendable, Equatable {
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

    package static let about = "The room of an order, as one user sees it."

    package static let example = Room(
        orderID: Examples.order, owner: .example, isOpen: true, lastSeq: 1, unread: 1, lastMessage: .example,
        createdAt: Examples.time)

    package static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("orderId", &object.orderID, "The order, by whose id the room is addressed.")
        try list.member("owner", &object.owner, "Who has placed the order.")
        try list.member("isOpen", &object.isOpen, "Whether anything may still be said; a room is closed for good.")
        try list.member(
            "summary", &object.summary,
            "With what it was closed, which is its last message too; `null` while it is open.")
        try list.member("closedAt", &object.closedAt, "When; `null` while it is open.")
        try list.member("closedBy", &object.closedBy, "By whom; `null` while it is open.")
        try list.member(
            "lastSeq", &object.lastSeq,
            "The `seq` of the last message; 0 in an empty room.", as: .integer(0...Int(Int32.max)))
        try list.member(
            "unread", &object.unread,
            "Messages of others behind the place up to which the user has read.", as: .integer(0...Int(Int32.max)))
        try list.member("lastMessage", &object.lastMessage, "The message of `lastSeq`; `null` in an empty room.")
        try list.member("createdAt", &object.createdAt, "When the order was placed.")
    }
}
