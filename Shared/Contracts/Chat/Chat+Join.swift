import Messaging
package import Primitives

extension Chat {
    /// What a socket gets when it joins a room: the room, and messages.
    package struct Join: ServiceRequest, Equatable {
        package typealias Reply = JoinedRoom
        package static let subject = "chat.join"

        package var orderID: Identifier
        /// The last `seq` that the client has; without it the newest messages come.
        package var after: Int?
        /// 1 to 100, 50 when absent.
        package var limit: Int?

        package init(orderID: Identifier, after: Int? = nil, limit: Int? = nil) {
            self.orderID = orderID
            self.after = after
            self.limit = limit
        }

        package init(json: JSON) throws(JSONMismatch) {
            orderID = try json.get("orderId")
            after = try json.get("after")
            limit = try json.get("limit")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("orderId", orderID)
                $0.fieldIfPresent("after", after)
                $0.fieldIfPresent("limit", limit)
            }
        }
    }
}
