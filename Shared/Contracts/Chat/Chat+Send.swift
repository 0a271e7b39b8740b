import Messaging
package import Primitives

extension Chat {
    /// Adds a message to an open room.
    package struct Send: RelayedRequest, Equatable {
        package typealias Reply = Message
        package static let subject = "chat.send"

        package var orderID: Identifier
        /// The client's JSON, unread.
        package var body: [UInt8]

        package init(orderID: Identifier, body: [UInt8]) {
            self.orderID = orderID
            self.body = body
        }

        package init(json: JSON) throws(JSONMismatch) {
            orderID = try json.get("orderId")
            body = []
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("orderId", orderID)
            }
        }
    }
}
