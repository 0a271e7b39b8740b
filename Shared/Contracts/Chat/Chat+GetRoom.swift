import Messaging
package import Primitives

extension Chat {
    /// One room, for its owner and for Admins.
    package struct GetRoom: ServiceRequest, Equatable {
        package typealias Reply = Room
        package static let subject = "chat.get-room"

        package var orderID: Identifier

        package init(orderID: Identifier) {
            self.orderID = orderID
        }

        package init(json: JSON) throws(JSONMismatch) {
            orderID = try json.get("orderId")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("orderId", orderID)
            }
        }
    }
}
