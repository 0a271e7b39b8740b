package import Messaging
package import Primitives

extension Orders {
    /// Orders, newest first: the caller's own, every order for an Admin.
    package struct List: ServiceRequest, Equatable {
        package typealias Reply = Page<Order>
        package static let subject = "orders.list"

        package var query: QueryParameters

        package init(query: QueryParameters) {
            self.query = query
        }

        package init(json: JSON) throws(JSONMismatch) {
            query = try json.get("query")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("query", query)
            }
        }
    }
}
