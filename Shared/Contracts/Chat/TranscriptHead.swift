package import Primitives

/// What a transcript says of its room, as it was when the first page was read.
package struct TranscriptHead: DescribedObject, Sendable, Equatable {
    package var orderID: Identifier
    /// The order's number.
    package var number: Int
    package var owner: Person
    package var isOpen: Bool
    /// `nil` while the room is open, as are the two that follow.
    package var summary: String?
    package var closedAt: Timestamp?
    package var closedBy: Participant?
    /// Where the transcript ends, whatever is said in the room meanwhile; 0 in an empty room.
    package var lastSeq: Int
    package var createdAt: Timestamp

    package init(of room: Room, number: Int) {
        orderID = room.orderID
        self.number = number
        owner = room.owner
        isOpen = room.isOpen
        summary = room.summary
        closedAt = room.closedAt
        closedBy = room.closedBy
        lastSeq = room.lastSeq
        createdAt = room.createdAt
    }

    package static let about = "What a transcript says of its room."

    package static let example = TranscriptHead(of: .example, number: 1042)

    package static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("orderId", &object.orderID, "The room.")
        try list.member("number", &object.number, "The order's number.", as: .integer(1000...Int(Int32.max)))
        try list.member("owner", &object.owner, "Who has placed the order.")
        try list.member("isOpen", &object.isOpen, "Whether the room was open.")
        try list.member("summary", &object.summary, "With what it was closed; `null` while it is open.")
        try list.member("closedAt", &object.closedAt, "When; `null` while it is open.")
        try list.member("closedBy", &object.closedBy, "By whom; `null` while it is open.")
        try list.member(
            "lastSeq", &object.lastSeq,
            "Where the transcript ends; 0 for an empty room.", as: .integer(0...Int(Int32.max)))
        try list.member("createdAt", &object.createdAt, "When the order was placed.")
    }
}
