package import Messaging
package import Primitives

extension Chat {
    /// A page of a room's messages by `seq`.
    package struct ListMessages: ListRequest, Equatable {
        package typealias Reply = MessagePage
        package static let subject = "chat.list-messages"

        package struct Parameters: InputFields {
            package static let about = "Which messages: the newest ones, unless `after` or `before` say otherwise."

            package let after = InputField.seq("after", "The first ones behind this place.").omittable
            package let before = InputField.seq("before", "Those before this place.").omittable
            package let limit = InputField.limit()
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
