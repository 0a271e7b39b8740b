package import Messaging
package import Primitives

extension Orders {
    /// Moves an order to another status; for Admins.
    package struct SetStatus: RelayedRequest, Equatable {
        package typealias Reply = Order
        package static let subject = "orders.set-status"

        package struct Input: InputFields {
            package static let about = "Where the order is to stand."

            package let status = InputField.word("status", "The new status.", example: OrderStatus.completed)
        }

        package static let input = Input()

        package var orderID: Identifier
        /// The `If-Match` header as sent.
        package var ifMatch: String?
        /// The client's JSON, unread.
        package var body: [UInt8]

        package init(orderID: Identifier, ifMatch: String? = nil, body: [UInt8]) {
            self.orderID = orderID
            self.ifMatch = ifMatch
            self.body = body
        }

        package init(json: JSON) throws(JSONMismatch) {
            orderID = try json.get("orderId")
            ifMatch = try json.get("ifMatch")
            body = []
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("orderId", orderID)
                $0.fieldIfPresent("ifMatch", ifMatch)
            }
        }
    }
}
