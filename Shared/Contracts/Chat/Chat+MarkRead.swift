package import Messaging
package import Primitives

extension Chat {
    /// Moves the caller's read position forward.
    package struct MarkRead: RelayedRequest, Equatable {
        package typealias Reply = Nothing
        package static let subject = "chat.mark-read"

        package struct Input: InputFields {
            package static let about = "How far you have read."

            package let seq = InputField.seq("seq", "The place of the last message that you have read.")
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
