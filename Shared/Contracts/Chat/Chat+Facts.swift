import Messaging
package import Primitives

extension Chat {
    /// Which of these orders' rooms are closed; asked by the orders service, which compares.
    package struct Facts: ServiceRequest, Equatable {
        package typealias Reply = RoomFacts
        package static let subject = "chat.facts"

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
