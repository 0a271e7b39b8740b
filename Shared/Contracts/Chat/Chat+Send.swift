package import Messaging
package import Primitives

extension Chat {
    /// Adds a message to an open room.
    package struct Send: RelayedRequest, Equatable {
        package typealias Reply = Message
        package static let subject = "chat.send"

        package struct Input: InputFields {
            package static let about = "What to say."

            package let content = InputField.text(
                "content", Chat.textLength, "The text.", example: "Could it be ready by Friday?")
            package let clientMessageID = InputField.identifier(
                "clientMessageId", "A name of your own for the message, which makes sending it again safe.",
                example: Examples.clientMessage
            ).optional
        }

        package static let input = Input()

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
