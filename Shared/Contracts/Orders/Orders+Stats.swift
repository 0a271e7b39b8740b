import Messaging
package import Primitives

extension Orders {
    /// How many orders there are in each status; for Admins.
    package struct Stats: ServiceRequest, Equatable {
        package typealias Reply = OrderStats
        package static let subject = "orders.stats"

        /// Counts every order, whoever owns it.
        package init() {}

        package init(json: JSON) {}

        package func write(to writer: inout JSONWriter) {
            writer.object { _ in }
        }
    }
}
