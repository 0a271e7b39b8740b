package import Primitives

/// What another service may know of an order.
package struct OrderFacts: JSONCodable, Sendable, Equatable {
    package var orderId: Identifier
    package var number: Int
    package var owner: Person
    package var createdAt: Timestamp

    package init(
        orderId: Identifier, number: Int, owner: Person, createdAt: Timestamp
    ) {
        self.orderId = orderId
        self.number = number
        self.owner = owner
        self.createdAt = createdAt
    }

    package init(json: JSON) throws(JSONMismatch) {
        orderId = try json.get("orderId")
        number = try json.get("number")
        owner = try json.get("owner")
        createdAt = try json.get("createdAt")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("orderId", orderId)
            $0.field("number", number)
            $0.field("owner", owner)
            $0.field("createdAt", createdAt)
        }
    }
}
