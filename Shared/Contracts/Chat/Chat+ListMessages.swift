package import Messaging
package import Primitives

extension Chat {
    /// A page of a room's messages by `seq`.
    package struct ListMessages: ServiceRequest, Equatable {
        package typealias Reply = MessagePage
        package static let subject = "chat.list-messages"

        package var orderId: Identifier
        package var query: QueryParameters

        package init(orderId: Identifier, query: QueryParameters) {
            self.orderId = orderId
            self.query = query
        }

        package init(json: JSON) throws(JSONMismatch) {
            orderId = try json.get("orderId")
            query = try json.get("query")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("orderId", orderId)
                $0.field("query", query)
            }
        }
    }
}
