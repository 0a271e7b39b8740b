import Messaging
package import Primitives

extension Orders {
    /// One order, for its owner and for Admins.
    package struct Get: ServiceRequest, Equatable {
        package typealias Reply = Order
        package static let subject = "orders.get"

        package var orderId: Identifier

        package init(orderId: Identifier) {
            self.orderId = orderId
        }

        package init(json: JSON) throws(JSONMismatch) {
            orderId = try json.get("orderId")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("orderId", orderId)
            }
        }
    }
}
