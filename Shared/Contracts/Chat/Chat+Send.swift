import Messaging
package import Primitives

extension Chat {
    /// Adds a message to an open room.
    package struct Send: RelayedRequest, Equatable {
        package typealias Reply = Message
        package static let subject = "chat.send"

        package var orderId: Identifier
        /// The client's JSON, unread.
        package var body: [UInt8]

        package init(orderId: Identifier, body: [UInt8]) {
            self.orderId = orderId
            self.body = body
        }

        package init(json: JSON) throws(JSONMismatch) {
            orderId = try json.get("orderId")
            body = []
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("orderId", orderId)
            }
        }
    }
}
