package import Primitives

/// A user has read a room up to `seq`.
package struct MessagesRead: JSONCodable, Sendable, Equatable {
    package var orderId: Identifier
    package var userId: Identifier
    package var seq: Int

    package init(
        orderId: Identifier, userId: Identifier, seq: Int
    ) {
        self.orderId = orderId
        self.userId = userId
        self.seq = seq
    }

    package init(json: JSON) throws(JSONMismatch) {
        orderId = try json.get("orderId")
        userId = try json.get("userId")
        seq = try json.get("seq")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("orderId", orderId)
            $0.field("userId", userId)
            $0.field("seq", seq)
        }
    }
}
