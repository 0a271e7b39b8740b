package import Messaging
package import Primitives

extension Orders {
    /// Orders, newest first: the caller's own, every order for an Admin.
    package struct List: ListRequest, Equatable {
        package typealias Reply = Page<Order>
        package static let subject = "orders.list"

        package struct Parameters: InputFields {
            package static let about = "Which orders."

            package let status = InputField.word("status", "Only those in this status.", example: OrderStatus.review)
                .omittable
            package let from = InputField.time("from", "Only those placed then or later.", example: Examples.time)
                .omittable
            package let to = InputField.time("to", "Only those placed before then.", example: Examples.time).omittable
            package let search = InputField.search(in: "number, description and specifications")
            package let owner = InputField.identifier(
                "ownerId", "Only those of this account; for Admins.", example: Examples.owner
            ).omittable
            package let limit = InputField.limit()
            package let cursor = InputField.cursor
        }

        package static let parameters = Parameters()

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
