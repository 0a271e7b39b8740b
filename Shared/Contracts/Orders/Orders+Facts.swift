package import Messaging
package import Primitives

extension Orders {
    /// Every order, oldest first, with what another service may know of it; asked by the chat service, which compares.
    package struct Facts: ServiceRequest, Equatable {
        package typealias Reply = Page<OrderFacts>
        package static let subject = "orders.facts"
        /// Orders in one answer.
        package static let pageSize = 500

        /// The last order seen; the first page when absent.
        package var after: Identifier?

        package init(after: Identifier? = nil) {
            self.after = after
        }

        package init(json: JSON) throws(JSONMismatch) {
            after = try json.get("after")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.fieldIfPresent("after", after)
            }
        }
    }
}
