import Messaging
package import Primitives

extension Chat {
    /// A page of a room's transcript, for its owner and for Admins; asked by gateways until they have all of it.
    package struct Transcript: ServiceRequest, Equatable {
        package typealias Reply = TranscriptPage
        package static let subject = "chat.transcript"

        package var orderID: Identifier
        /// The last `seq` of the page before; without it the first page comes, and the room's facts with it.
        package var after: Int?
        /// The last `seq` that is wanted; the room's last one when absent.
        package var upTo: Int?

        package init(orderID: Identifier, after: Int? = nil, upTo: Int? = nil) {
            self.orderID = orderID
            self.after = after
            self.upTo = upTo
        }

        package init(json: JSON) throws(JSONMismatch) {
            orderID = try json.get("orderId")
            after = try json.get("after")
            upTo = try json.get("upTo")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("orderId", orderID)
                $0.fieldIfPresent("after", after)
                $0.fieldIfPresent("upTo", upTo)
            }
        }
    }
}
