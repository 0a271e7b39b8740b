package import Primitives

/// A room was closed: what joined sockets are told.
package struct RoomClosedNotice: DescribedObject, Sendable, Equatable {
    package var orderID: Identifier
    package var summary: String
    package var closedBy: Participant
    package var closedAt: Timestamp
    package var seq: Int

    package init(
        orderID: Identifier, summary: String, closedBy: Participant, closedAt: Timestamp, seq: Int
    ) {
        self.orderID = orderID
        self.summary = summary
        self.closedBy = closedBy
        self.closedAt = closedAt
        self.seq = seq
    }

    package static let about = "A room has been closed."

    package static let example = RoomClosedNotice(
        orderID: Examples.order, summary: "Agreed: oiled oak, ready on Friday.", closedBy: .example,
        closedAt: Examples.time, seq: 2)

    package static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("orderId", &object.orderID, "The room.")
        try list.member("summary", &object.summary, "With what it was closed.")
        try list.member("closedBy", &object.closedBy, "The Admin.")
        try list.member("closedAt", &object.closedAt, "When.")
        try list.member(
            "seq", &object.seq,
            "The place of the summary, which is the last message.", as: .integer(1...Int(Int32.max)))
    }
}
