import Messaging
package import Primitives

extension Orders {
    /// Whether an order exists and whose it is; asked by the chat service, not by users.
    package struct Lookup: ServiceRequest, Equatable {
        package typealias Reply = OrderFacts
        package static let subject = "orders.lookup"
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
