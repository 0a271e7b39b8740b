import Messaging
package import Primitives

extension Orders {
    /// An order moved to another status.
    package struct StatusChanged: ServiceEvent, Equatable {
        package static let subject = "orders.event.status-changed"

        package var orderID: Identifier
        package var number: Int
        /// Whose sockets are told, beside those of Admins and of the room.
        package var ownerID: Identifier
        package var from: OrderStatus
        package var to: OrderStatus
        /// The order's version after the move.
        package var version: Int
        package var at: Timestamp

        package init(
            orderID: Identifier, number: Int, ownerID: Identifier, from: OrderStatus, to: OrderStatus, version: Int,
            at: Timestamp
        ) {
            self.orderID = orderID
            self.number = number
            self.ownerID = ownerID
            self.from = from
            self.to = to
            self.version = version
            self.at = at
        }

        package init(json: JSON) throws(JSONMismatch) {
            orderID = try json.get("orderId")
            number = try json.get("number")
            ownerID = try json.get("ownerId")
            from = try json.get("from")
            to = try json.get("to")
            version = try json.get("version")
            at = try json.get("at")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("orderId", orderID)
                $0.field("number", number)
                $0.field("ownerId", ownerID)
                $0.field("from", from)
                $0.field("to", to)
                $0.field("version", version)
                $0.field("at", at)
            }
        }
    }
}
