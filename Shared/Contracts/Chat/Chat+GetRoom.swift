import Messaging
package import Primitives

extension Chat {
    /// One room, for its owner and for Admins.
    package struct GetRoom: ServiceRequest, Equatable {
        package typealias Reply = Room
        package static let subject = "chat.get-room"

        package var orderId: Identifier

        package init(orderId: Identifier) {
            self.orderId = orderId
        }

        package init(json: JSON) throws(JSONMismatch) {
            orderId = try json.get("orderId")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("orderId", orderId)
            }
        }
    }
}
