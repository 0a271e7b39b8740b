import Messaging
package import Primitives

extension Chat {
    /// A room's messages from one on; asked by gateways for the room itself, to close a gap in what they deliver of it.
    package struct CatchUp: ServiceRequest, Equatable {
        package typealias Reply = MessagePage
        package static let subject = "chat.catch-up"

        package var orderID: Identifier
        /// Messages with a higher `seq` are wanted, ascending, a hundred at most.
        package var after: Int

        package init(orderID: Identifier, after: Int) {
            self.orderID = orderID
            self.after = after
        }

        package init(json: JSON) throws(JSONMismatch) {
            orderID = try json.get("orderId")
            after = try json.get("after")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("orderId", orderID)
                $0.field("after", after)
            }
        }
    }
}
