import Messaging
package import Primitives

extension Orders {
    /// One order, for its owner and for Admins.
    package struct Get: ServiceRequest, Equatable {
        package typealias Reply = Order
        package static let subject = "orders.get"

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
