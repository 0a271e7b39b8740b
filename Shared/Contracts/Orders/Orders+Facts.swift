package import Messaging
package import Primitives

extension Orders {
    /// Every order, by number, with what another service may know of it; asked by the chat service, which compares.
    package struct Facts: ServiceRequest, Equatable {
        package typealias Reply = Page<OrderFacts>
        package static let subject = "orders.facts"
        /// Orders in one answer.
        package static let pageSize = 500

        /// The number of the last order seen; the first page when absent. Numbers are drawn from one sequence, where
        /// ids begin with the clock of whoever placed the order.
        package var afterNumber: Int?

        package init(afterNumber: Int? = nil) {
            self.afterNumber = afterNumber
        }

        package init(json: JSON) throws(JSONMismatch) {
            afterNumber = try json.get("afterNumber")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.fieldIfPresent("afterNumber", afterNumber)
            }
        }
    }
}
