import Messaging
package import Primitives

extension Orders {
    /// An order as it is now; asked by gateways for sockets that are told of it, not by users.
    package struct Fetch: ServiceRequest, Equatable {
        package typealias Reply = Order
        package static let subject = "orders.fetch"
        package static let timeout: Duration = .seconds(2)

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
