package import Primitives

/// An order as clients see it.
package struct Order: DescribedObject, Sendable, Equatable {
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

    /// Moves it to another status.
    package mutating func stand(in status: OrderStatus, next: [OrderStatus]) {
        self.status = status
        nextStatuses = next
    }

    package static let about = "An order."

    package static let example = Order(
        id: Examples.order, number: 1042, description: "Oak table, 180 × 90 cm",
        specifications: .object([JSONMember("finish", .string("oiled"))]), quantity: 1, metadata: .null,
        status: .review, nextStatuses: [.processing], version: 1, owner: .example, createdAt: Examples.time,
        updatedAt: Examples.time)

    package static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("id", &object.id, "The order, and its room.")
        try list.member(
            "number", &object.number,
            "For people: never given twice, not without gaps.", as: .integer(1000...Int(Int32.max)))
        try list.member("description", &object.description, "What is ordered.")
        try list.member(
            "specifications", &object.specifications,
            "A text or an object, as the client sent it.", as: .either([.string(), .map]))
        try list.member("quantity", &object.quantity, "How many.", as: .integer(1...1_000_000))
        try list.member("metadata", &object.metadata, "An object of the client's own, or `null`.", as: .orNull(.map))
        try list.member("status", &object.status, "Where it stands.")
        try list.memberIfPresent("nextStatuses", &object.nextStatuses, "The statuses that may follow.")
        try list.member(
            "version", &object.version, "Grows by one with each change; the `ETag`.", as: .integer(1...Int(Int32.max)))
        try list.member("owner", &object.owner, "Who has placed it.")
        try list.member("createdAt", &object.createdAt, "When it was placed.")
        try list.member("updatedAt", &object.updatedAt, "When it was changed last.")
    }
}
