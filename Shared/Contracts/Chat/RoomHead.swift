package import Primitives

/// How far one room has come.
package struct RoomHead: JSONCodable, Sendable, Equatable {
    package var orderID: Identifier
    /// How far the room is; 0 when nothing was said in it.
    package var lastSeq: Int

    package init(
        orderID: Identifier, lastSeq: Int
    ) {
        self.orderID = orderID
        self.lastSeq = lastSeq
    }

    package init(json: JSON) throws(JSONMismatch) {
        orderID = try json.get("orderId")
        lastSeq = try json.get("lastSeq")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("orderId", orderID)
            $0.field("lastSeq", lastSeq)
        }
    }
}
