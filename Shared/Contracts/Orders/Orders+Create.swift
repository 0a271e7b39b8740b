package import Messaging
package import Primitives

extension Orders {
    /// Places an order for the caller.
    package struct Create: RelayedRequest, Equatable {
        package typealias Reply = Order
        package static let subject = "orders.create"

        package struct Input: InputFields {
            package static let about = "What is ordered."

            package let description = OrderFields.description
            package let specifications = OrderFields.specifications
            package let quantity = OrderFields.quantity
            package let metadata = OrderFields.metadata.optional
        }

        package static let input = Input()

        /// The client's `Idempotency-Key`, without quotes.
        package var idempotencyKey: String?
        /// The client's JSON, unread.
        package var body: [UInt8]

        package init(idempotencyKey: String? = nil, body: [UInt8]) {
            self.idempotencyKey = idempotencyKey
            self.body = body
        }

        package init(json: JSON) throws(JSONMismatch) {
            idempotencyKey = try json.get("idempotencyKey")
            body = []
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.fieldIfPresent("idempotencyKey", idempotencyKey)
            }
        }
    }
}
