package import Primitives

/// What another service may know of an order.
package struct OrderFacts: JSONCodable, Sendable, Equatable {
    package var orderID: Identifier
    package var number: Int
    package var owner: Person
    package var createdAt: Timestamp

    package init(
        orderID: Identifier, number: Int, owner: Person, createdAt: Timestamp
    ) {
        self.orderID = orderID
        self.number = number
        self.owner = owner
        self.createdAt = createdAt
    }

    package init(json: JSON) throws(JSONMismatch) {
        orderID = try json.get("orderId")
        number = try json.get("number")
        owner = try json.get("owner")
        createdAt = try json.get("createdAt")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("orderId", orderID)
            $0.field("number", number)
            $0.field("owner", owner)
            $0.field("createdAt", createdAt)
        }
    }
}
