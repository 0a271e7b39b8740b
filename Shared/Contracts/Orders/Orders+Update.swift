package import Messaging
package import Primitives

extension Orders {
    /// Changes an order that is still in review; for its owner.
    package struct Update: RelayedRequest, Equatable {
        package typealias Reply = Order
        package static let subject = "orders.update"

        package struct Input: InputFields {
            package static let about = "The fields to change; the others stay."

            package let description = OrderFields.description.omittable
            package let specifications = OrderFields.specifications.omittable
            package let quantity = OrderFields.quantity.omittable
            package let metadata = OrderFields.metadata.omittable

            package var atLeastOneOf: [String] { ["description", "specifications", "quantity", "metadata"] }
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
