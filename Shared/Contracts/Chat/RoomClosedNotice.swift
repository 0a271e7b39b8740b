package import Primitives

/// A room was closed: what joined sockets are told.
package struct RoomClosedNotice: JSONCodable, Sendable, Equatable {
    package var orderId: Identifier
    package var summary: String
    package var closedBy: Actor
    package var closedAt: Timestamp
    package var seq: Int

    package init(
        orderId: Identifier, summary: String, closedBy: Actor, closedAt: Timestamp, seq: Int
    ) {
        self.orderId = orderId
        self.summary = summary
        self.closedBy = closedBy
        self.closedAt = closedAt
        self.seq = seq
    }

    package init(json: JSON) throws(JSONMismatch) {
        orderId = try json.get("orderId")
        summary = try json.get("summary")
        closedBy = try json.get("closedBy")
        closedAt = try json.get("closedAt")
        seq = try json.get("seq")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("orderId", orderId)
            $0.field("summary", summary)
            $0.field("closedBy", closedBy)
            $0.field("closedAt", closedAt)
            $0.field("seq", seq)
        }
    }
}
