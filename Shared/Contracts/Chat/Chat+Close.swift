package import Messaging
package import Primitives

extension Chat {
    /// Closes a room with a summary; for Admins.
    package struct Close: RelayedRequest, Equatable {
        package typealias Reply = Room
        package static let subject = "chat.close"

        package struct Input: InputFields {
            package static let about = "With what to close."

            package let summary = InputField.text(
                "summary", Chat.textLength, "What was agreed: the room's last message.",
                example: "Agreed: oiled oak, ready on Friday.")
        }

        package static let input = Input()

        package var orderID: Identifier
        /// The client's `Idempotency-Key`, without quotes.
        package var idempotencyKey: String?
        /// The client's JSON, unread.
        package var body: [UInt8]

        package init(orderID: Identifier, idempotencyKey: String? = nil, body: [UInt8]) {
            self.orderID = orderID
            self.idempotencyKey = idempotencyKey
            self.body = body
        }

        package init(json: JSON) throws(JSONMismatch) {
            orderID = try json.get("orderId")
            idempotencyKey = try json.get("idempotencyKey")
            body = []
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("orderId", orderID)
                $0.fieldIfPresent("idempotencyKey", idempotencyKey)
            }
        }
    }
}
