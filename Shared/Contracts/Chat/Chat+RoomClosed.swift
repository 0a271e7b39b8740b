import Messaging
package import Primitives

extension Chat {
    /// A room was closed, which moves its order to `Processing`.
    package struct RoomClosed: ServiceEvent, Equatable {
        package static let subject = "chat.event.room-closed"

        package var orderID: Identifier
        package var closedBy: Participant
        package var closedAt: Timestamp
        /// The summary's `seq`, the last of the room.
        package var seq: Int

        package init(orderID: Identifier, closedBy: Participant, closedAt: Timestamp, seq: Int) {
            self.orderID = orderID
            self.closedBy = closedBy
            self.closedAt = closedAt
            self.seq = seq
        }

        package init(json: JSON) throws(JSONMismatch) {
            orderID = try json.get("orderId")
            closedBy = try json.get("closedBy")
            closedAt = try json.get("closedAt")
            seq = try json.get("seq")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("orderId", orderID)
                $0.field("closedBy", closedBy)
                $0.field("closedAt", closedAt)
                $0.field("seq", seq)
            }
        }
    }
}
