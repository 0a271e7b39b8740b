import Messaging
package import Primitives

extension Orders {
    /// An order was placed.
    package struct Created: ServiceEvent, Equatable {
        package static let subject = "orders.event.created"

        /// The order as it was placed.
        package var order: Order
        /// The order's texts and objects are left out, because they are large: whoever needs them asks for the order.
        package var isOutline: Bool

        package init(order: Order, isOutline: Bool = false) {
            self.order = order
            self.isOutline = isOutline
        }

        package init(json: JSON) throws(JSONMismatch) {
            order = try json.get("order")
            isOutline = try json.get("isOutline", as: Bool?.self) ?? false
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("order", order)
                if isOutline { $0.field("isOutline", true) }
            }
        }
    }
}
