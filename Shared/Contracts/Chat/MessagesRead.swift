package import Primitives

/// A user has read a room up to `seq`.
package struct MessagesRead: JSONCodable, Sendable, Equatable {
    package var orderID: Identifier
    package var userID: Identifier
    package var seq: Int

    package init(
        orderID: Identifier, userID: Identifier, seq: Int
    ) {
        self.orderID = orderID
        self.userID = userID
        self.seq = seq
    }

    package init(json: JSON) throws(JSONMismatch) {
        orderID = try json.get("orderId")
        userID = try json.get("userId")
        seq = try json.get("seq")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("orderId", orderID)
            $0.field("userId", userID)
            $0.field("seq", seq)
        }
    }
}
