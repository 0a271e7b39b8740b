import Messaging
package import Primitives

extension Orders {
    /// An order's content was changed.
    package struct Updated: ServiceEvent, Equatable {
        package static let subject = "orders.event.updated"

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
