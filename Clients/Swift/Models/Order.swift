#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Where an order stands.
public struct OrderStatus: Word {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let review: Self = "Review"
    public static let processing: Self = "Processing"
    public static let completed: Self = "Completed"

    static let described: [Self] = [review, processing, completed]
}

/// An order.
public struct Order: Codable, Sendable, Hashable, Identifiable {
    /// The order, and its room.
    public var id: String
    /// For people: never given twice, not without gaps.
    public var number: Int
    /// What is ordered.
    public var description: String
    /// A text or an object, as it was sent.
    public var specifications: JSONValue
    /// 1 to 1,000,000.
    public var quantity: Int
    /// An object of the client's own.
    public var metadata: [String: JSONValue]?
    public var status: OrderStatus
    /// The statuses that may follow; `nil` where the order is one of a list or of an event.
    public var nextStatuses: [OrderStatus]?
    /// Grows by one with each change.
    public var version: Int
    /// Who has placed it.
    public var owner: Person
    public var createdAt: Date
    public var updatedAt: Date
}

/// What somebody orders.
public struct OrderDraft: Encodable, Sendable, Hashable {
    /// 1 to 2,000 Unicode scalars.
    public var description: String
    /// A text or an object.
    public var specifications: JSONValue
    /// 1 to 1,000,000.
    public var quantity: Int
    /// An object of your own.
    public var metadata: [String: JSONValue]?

    public init(
        description: String, specifications: JSONValue, quantity: Int, metadata: [String: JSONValue]? = nil
    ) {
        self.description = description
        self.specifications = specifications
        self.quantity = quantity
        self.metadata = metadata
    }
}

/// What of an order is to be another; what is `nil` stays.
public struct OrderChanges: Encodable, Sendable, Hashable {
    public var description: String?
    /// A text or an object.
    public var specifications: JSONValue?
    public var quantity: Int?
    /// An object, or `.null` to have none any more.
    public var metadata: JSONValue?

    public init(
        description: String? = nil, specifications: JSONValue? = nil, quantity: Int? = nil, metadata: JSONValue? = nil
    ) {
        self.description = description
        self.specifications = specifications
        self.quantity = quantity
        self.metadata = metadata
    }
}

/// What has happened to an order.
public struct OrderHistoryEntry: Codable, Sendable, Hashable {
    /// What kind of thing happened.
    public struct Kind: Word {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        public static let created: Self = "created"
        public static let updated: Self = "updated"
        public static let statusChanged: Self = "status-changed"

        static let described: [Self] = [created, updated, statusChanged]
    }

    public var at: Date
    public var type: Kind
    public var actor: Participant
    /// Of a change of status.
    public var from: OrderStatus?
    public var to: OrderStatus?
    /// Of an update: the fields that were changed.
    public var changes: [String: JSONValue]?
}

/// How many orders there are in each status.
public struct OrderStats: Codable, Sendable, Hashable {
    public var review: Int
    public var processing: Int
    public var completed: Int
    public var total: Int

    private enum CodingKeys: String, CodingKey {
        case review = "Review"
        case processing = "Processing"
        case completed = "Completed"
        case total
    }
}

/// An order has moved to another status.
public struct OrderStatusNotice: Codable, Sendable, Hashable {
    public var orderId: String
    public var number: Int
    public var from: OrderStatus
    public var to: OrderStatus
    /// The order's version since then.
    public var version: Int
    public var at: Date
}
