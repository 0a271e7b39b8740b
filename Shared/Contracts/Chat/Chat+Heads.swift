import Messaging
package import Primitives

extension Chat {
    /// How far rooms have come; asked by gateways, which compare it with what they have delivered.
    package struct Heads: ServiceRequest, Equatable {
        package typealias Reply = RoomHeads
        package static let subject = "chat.heads"

        /// At most 500.
        package var orderIDs: [Identifier]

        package init(orderIDs: [Identifier]) {
            self.orderIDs = orderIDs
        }

        package init(json: JSON) throws(JSONMismatch) {
            orderIDs = try json.get("orderIds")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("orderIds", orderIDs)
            }
        }
    }
}
