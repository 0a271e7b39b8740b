import Messaging
package import Primitives

extension Chat {
    /// Which of these orders' rooms are closed; asked by the orders service, which compares.
    package struct Facts: ServiceRequest, Equatable {
        package typealias Reply = RoomFacts
        package static let subject = "chat.facts"

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
