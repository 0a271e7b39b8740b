import Messaging
package import Primitives

extension Orders {
    /// An order was placed.
    package struct Created: ServiceEvent, Equatable {
        package static let subject = "orders.event.created"

        package var order: Order

        package init(order: Order) {
            self.order = order
        }

        package init(json: JSON) throws(JSONMismatch) {
            order = try json.get("order")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("order", order)
            }
        }
    }
}
