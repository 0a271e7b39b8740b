import Messaging
package import Primitives

extension Chat {
    /// How far rooms have come; asked by gateways, which compare it with what they have delivered.
    package struct Heads: ServiceRequest, Equatable {
        package typealias Reply = RoomHeads
        package static let subject = "chat.heads"

        /// At most 500.
        package var orderIds: [Identifier]

        package init(orderIds: [Identifier]) {
            self.orderIds = orderIds
        }

        package init(json: JSON) throws(JSONMismatch) {
            orderIds = try json.get("orderIds")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("orderIds", orderIds)
            }
        }
    }
}
