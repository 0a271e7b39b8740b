package import Primitives

/// A room was closed: what joined sockets are told.
package struct RoomClosedNotice: JSONCodable, Sendable, Equatable {
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

    package init(json: JSON) throws(JSONMismatch) {
        orderID = try json.get("orderId")
        summary = try json.get("summary")
        closedBy = try json.get("closedBy")
        closedAt = try json.get("closedAt")
        seq = try json.get("seq")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("orderId", orderID)
            $0.field("summary", summary)
            $0.field("closedBy", closedBy)
            $0.field("closedAt", closedAt)
            $0.field("seq", seq)
        }
    }
}
