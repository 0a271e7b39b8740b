import Messaging
package import Primitives

extension Chat {
    /// Closes a room with a summary; for Admins.
    package struct Close: RelayedRequest, Equatable {
        package typealias Reply = Room
        package static let subject = "chat.close"

        package var orderId: Identifier
        /// The client's `Idempotency-Key`, without quotes.
        package var idempotencyKey: String?
        /// The client's JSON, unread.
        package var body: [UInt8]

        package init(orderId: Identifier, idempotencyKey: String? = nil, body: [UInt8]) {
            self.orderId = orderId
            self.idempotencyKey = idempotencyKey
            self.body = body
        }

        package init(json: JSON) throws(JSONMismatch) {
            orderId = try json.get("orderId")
            idempotencyKey = try json.get("idempotencyKey")
            body = []
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("orderId", orderId)
                $0.fieldIfPresent("idempotencyKey", idempotencyKey)
            }
        }
    }
}
