import Contracts
import Primitives

/// What happens in a room as sockets are told.
///
/// A message means the message itself, and for the closing summary that the room is closed. The notice of closing is made
/// from the summary, so it cannot be lost apart from it.
enum RoomEvents {
    static func of(_ message: Message) -> [ServerEvent] {
        let event = ServerEvent(.newMessage, message)
        return message.kind == .summary ? [event, closing(message)] : [event]
    }

    /// - Parameters:
    ///   - message: encoded, and passed on as it is.
    ///   - closes: whether it is the closing summary.
    /// - Returns: `nil` when that cannot be read.
    static func of(encoded message: [UInt8], closes: Bool) -> [ServerEvent]? {
        let event = ServerEvent(.newMessage, data: message)
        guard closes else { return [event] }
        guard let summary = try? Message(jsonBytes: message) else { return nil }
        return [event, closing(summary)]
    }

    /// Who is in a room.
    static func presence(of users: [Participant], in orderID: Identifier) -> ServerEvent {
        ServerEvent(.presence, PresenceNotice(orderID: orderID, users: users))
    }

    /// Somebody types in a room, or not any more.
    static func typing(_ news: TypingSignal, in orderID: Identifier) -> ServerEvent {
        ServerEvent(.typing, TypingNotice(orderID: orderID, user: news.user, isTyping: news.isTyping))
    }

    private static func closing(_ summary: Message) -> ServerEvent {
        ServerEvent(
            .roomClosed,
            RoomClosedNotice(
                orderID: summary.orderID, summary: summary.content, closedBy: summary.sender,
                closedAt: summary.createdAt, seq: summary.seq))
    }
}
