package import Primitives

/// An order as clients see it.
package struct Order: JSONCodable, Sendable, Equatable {
    package var id: Identifier
    /// For people: from 1000 upward, never reused.
    package var number: Int
    package var description: String
    /// A string or an object, as the client sent it.
    package var specifications: JSON
    package var quantity: Int
    /// An object or `null`.
    package var metadata: JSON
    /// Set by `stand(in:next:)` only, so that it and `nextStatuses` always go together.
    package private(set) var status: OrderStatus
    /// The statuses that may follow; `nil` where nobody has said so, as in an order that a neighbour only looks at.
    package private(set) var nextStatuses: [OrderStatus]?
    /// Grows by one with every change; the `ETag`.
    package var version: Int
    package var owner: Person
    package var createdAt: Timestamp
    package var updatedAt: Timestamp

    package init(
        id: Identifier, number: Int, description: String, specifications: JSON, quantity: Int, metadata: JSON,
        status: OrderStatus, nextStatuses: [OrderStatus]? = nil, version: Int, owner: Person, createdAt: Timestamp,
        updatedAt: Timestamp
    ) {
        self.id = id
        self.number = number
        self.description = description
        self.specifications = specifications
        self.quantity = quantity
        self.metadata = metadata
        self.status = status
        self.nextStatuses = nextStatuses
        self.version = version
        self.owner = owner
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    package init(json: JSON) throws(JSONMismatch) {
        id = try json.get("id")
        number = try json.get("number")
        description = try json.get("description")
        specifications = try json.get("specifications")
        quantity = try json.get("quantity")
        metadata = try json.get("metadata")
        status = try json.get("status")
        nextStatuses = try json.get("nextStatuses")
        version = try json.get("version")
        owner = try json.get("owner")
        createdAt = try json.get("createdAt")
        updatedAt = try json.get("updatedAt")
    }

    /// Moves it to another status.
    package mutating func stand(in status: OrderStatus, next: [OrderStatus]) {
        self.status = status
        nextStatuses = next
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("id", id)
            $0.field("number", number)
            $0.field("description", description)
            $0.field("specifications", specifications)
            $0.field("quantity", quantity)
            $0.field("metadata", metadata)
            $0.field("status", status)
            $0.fieldIfPresent("nextStatuses", nextStatuses)
            $0.field("version", version)
            $0.field("owner", owner)
            $0.field("createdAt", createdAt)
            $0.field("updatedAt", updatedAt)
        }
    }
}
