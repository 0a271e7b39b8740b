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
    package var status: OrderStatus
    /// Grows by one with every change; the `ETag`.
    package var version: Int
    package var owner: Person
    package var createdAt: Timestamp
    package var updatedAt: Timestamp

    package init(
        id: Identifier, number: Int, description: String, specifications: JSON, quantity: Int, metadata: JSON,
        status: OrderStatus, version: Int, owner: Person, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.number = number
        self.description = description
        self.specifications = specifications
        self.quantity = quantity
        self.metadata = metadata
        self.status = status
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
        version = try json.get("version")
        owner = try json.get("owner")
        createdAt = try json.get("createdAt")
        updatedAt = try json.get("updatedAt")
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
            $0.field("nextStatuses", status.next)
            $0.field("version", version)
            $0.field("owner", owner)
            $0.field("createdAt", createdAt)
            $0.field("updatedAt", updatedAt)
        }
    }
}
