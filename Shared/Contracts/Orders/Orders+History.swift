package import Messaging
package import Primitives

extension Orders {
    /// An order's audit timeline, oldest first; for its owner and for Admins.
    package struct History: ListRequest, Equatable {
        package typealias Reply = Page<OrderHistoryEntry>
        package static let subject = "orders.history"

        package struct Parameters: InputFields {
            package static let about = "Which part of the timeline."

            package let limit = InputField.limit()
            package let cursor = InputField.cursor
        }

        package static let parameters = Parameters()

        package var orderID: Identifier
        package var query: QueryParameters

        package init(orderID: Identifier, query: QueryParameters) {
            self.orderID = orderID
            self.query = query
        }

        package init(json: JSON) throws(JSONMismatch) {
            orderID = try json.get("orderId")
            query = try json.get("query")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("orderId", orderID)
                $0.field("query", query)
            }
        }
    }
}
