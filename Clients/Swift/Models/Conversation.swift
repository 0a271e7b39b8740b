#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A message of a room.
public struct Message: Codable, Sendable, Hashable, Identifiable {
    /// What kind of message it is.
    public struct Kind: Word {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Part of the conversation.
        public static let text: Self = "text"
        /// The summary that closes it.
        public static let summary: Self = "summary"

        static let described: [Self] = [text, summary]
    }

    public var id: String
    /// The room.
    public var orderId: String
    /// Its place in the room: 1, 2, 3 and so on, without gaps.
    public var seq: Int
    public var kind: Kind
    public var sender: Participant
    /// As it was sent.
    public var content: String
    /// The sender's own name for it.
    public var clientMessageId: String?
    public var createdAt: Date
}

/// The room of an order, as one user sees it.
public struct RoomFacts: Codable, Sendable, Hashable, Identifiable {
    public var orderId: String
    /// Who has placed the order.
    public var owner: Person
    /// Whether anything may still be said; a room is closed for good.
    public var isOpen: Bool
    /// With what it was closed, when, and by whom; `nil` while it is open.
    public var summary: String?
    public var closedAt: Date?
    public var closedBy: Participant?
    /// The `seq` of the last message; 0 in an empty room.
    public var lastSeq: Int
    /// Messages of others behind the place up to which the user has read.
    public var unread: Int
    public var lastMessage: Message?
    public var createdAt: Date

    public var id: String { orderId }
}

/// Some messages of a room, the newest last.
public struct MessagePage: Codable, Sendable, Hashable {
    public var items: [Message]
    public var firstSeq: Int?
    public var lastSeq: Int?
    /// Whether there are more in the direction that was asked for.
    public var hasMore: Bool
}

/// What joining a room is answered with.
struct JoinedRoom: Codable, Sendable, Hashable {
    var room: RoomFacts
    var messages: [Message]
    var hasMore: Bool
}

/// A room was closed.
public struct RoomClosedNotice: Codable, Sendable, Hashable {
    public var orderId: String
    public var summary: String
    public var closedBy: Participant
    public var closedAt: Date
    /// That of the summary.
    public var seq: Int
}

/// Somebody has read up to here.
public struct MessagesRead: Codable, Sendable, Hashable {
    public var orderId: String
    public var userId: String
    public var seq: Int
}

/// Somebody types, or not any more.
public struct TypingNotice: Codable, Sendable, Hashable {
    public var orderId: String
    public var user: Participant
    public var isTyping: Bool
}

/// Who is in the room now.
public struct PresenceNotice: Codable, Sendable, Hashable {
    public var orderId: String
    public var users: [Participant]
}

/// How a room stands to the server.
public enum RoomState: String, Sendable, Hashable, Codable {
    /// It is being joined.
    case connecting
    /// What is said is told at once.
    case live
    /// What was missed is on its way.
    case behind
    /// There is no connection; it is tried again by itself.
    case offline
    /// It has been left, or the session is over: nothing comes any more.
    case ended
}

/// What happens in a room. More cases may come with later versions: have a `default`.
public enum RoomEvent: Sendable, Hashable {
    /// Something was said; each message once, in the order of `seq`.
    case message(Message)
    /// The room stands otherwise to the server; with the reason when it has ended by one.
    case state(RoomState, Problem?)
    /// The room is closed; once, behind the message that is its summary, also when it was closed before one joined.
    case closed(RoomClosedNotice)
    case read(MessagesRead)
    case typing(TypingNotice)
    case presence(PresenceNotice)
    /// The room's order has moved to another status.
    case status(OrderStatusNotice)
}

/// What happens outside of rooms. More cases may come with later versions: have a `default`.
public enum ClientEvent: Sendable, Hashable {
    /// For Admins.
    case orderCreated(Order)
    case orderUpdated(Order)
    case orderStatusChanged(OrderStatusNotice)
    /// The session is over: somebody has to sign in anew.
    case sessionEnded(SessionEndReason)
}
