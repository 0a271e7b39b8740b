package import Primitives

/// What a transcript says of its room, as it was when the first page was read.
package struct TranscriptHead: JSONCodable, Sendable, Equatable {
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

    package init(json: JSON) throws(JSONMismatch) {
        orderID = try json.get("orderId")
        number = try json.get("number")
        owner = try json.get("owner")
        isOpen = try json.get("isOpen")
        summary = try json.get("summary")
        closedAt = try json.get("closedAt")
        closedBy = try json.get("closedBy")
        lastSeq = try json.get("lastSeq")
        createdAt = try json.get("createdAt")
    }

    package func write(to writer: inout JSONWriter) { writer.object { writeFields(to: &$0) } }

    /// Its members alone, for an object that has others behind them.
    package func writeFields(to writer: inout JSONWriter) {
        writer.field("orderId", orderID)
        writer.field("number", number)
        writer.field("owner", owner)
        writer.field("isOpen", isOpen)
        writer.field("summary", summary)
        writer.field("closedAt", closedAt)
        writer.field("closedBy", closedBy)
        writer.field("lastSeq", lastSeq)
        writer.field("createdAt", createdAt)
    }
}
