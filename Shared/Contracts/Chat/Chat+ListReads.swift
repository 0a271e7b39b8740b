package import Messaging
package import Primitives

extension Chat {
    /// How far people have read a room, for its owner and for Admins: those who have read farthest first, at most `limit`.
    package struct ListReads: ServiceRequest, Equatable {
        package typealias Reply = Page<MessagesRead>
        package static let subject = "chat.list-reads"
        package static let limit = 100

        package var orderID: Identifier

        package init(orderID: Identifier) {
            self.orderID = orderID
        }

        package init(json: JSON) throws(JSONMismatch) {
            orderID = try json.get("orderId")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("orderId", orderID)
            }
        }
    }
}
