import Contracts
import Messaging
import Primitives

/// What documents say of an event that clients send.
struct ClientEventDescription: Sendable {
    var about: String
    var data: ObjectSchema
    /// Whether the bare id of a room stands for an object with nothing else.
    var takesBareID = false
    /// What it is acknowledged with.
    var answer: Schema
    /// What may be refused beside that which may be refused of every event.
    var problems: [ErrorCode] = []
}

/// What documents say of an event that sockets get.
struct ServerEventDescription: Sendable {
    var about: String
    /// Whose sockets get it.
    var addressees: String
    var data: Schema
}

extension ClientEvent.Name {
    /// A new event does not compile without one.
    var description: ClientEventDescription {
        switch self {
        case .authenticate:
            ClientEventDescription(
                about: "Says who the socket is, the first time or to renew it.",
                data: AuthenticateFields.fields.schema, answer: SocketIdentity.schema,
                problems: [.unauthenticated, .tokenExpired, .forbidden, .rateLimited])
        case .joinRoom:
            ClientEventDescription(
                about: "Joins a room; with `after` one gets what one has missed.", data: JoinFields.fields.schema,
                takesBareID: true, answer: JoinedRoom.schema, problems: Self.ofRoom + [.tooManyRooms])
        case .leaveRoom:
            ClientEventDescription(
                about: "Leaves a room.", data: LeaveFields().schema, takesBareID: true, answer: Nothing.schema,
                problems: [.invalidID])
        case .sendMessage:
            ClientEventDescription(
                about: "Says something; acknowledged once it is stored.", data: Self.inRoom(Chat.Send.input),
                answer: Chat.Send.Reply.schema, problems: Self.ofRoom + [.roomClosed])
        case .closeRoom:
            ClientEventDescription(
                about: "Closes a room with a summary; for Admins.", data: Self.inRoom(Chat.Close.input),
                answer: Chat.Close.Reply.schema, problems: Self.ofRoom + [.roomClosed])
        case .markRead:
            ClientEventDescription(
                about: "Marks messages as read. A mark never moves back, nor past the last message.",
                data: Self.inRoom(Chat.MarkRead.input), answer: Nothing.schema, problems: Self.ofRoom)
        case .typing:
            ClientEventDescription(
                about: "Says that one is typing, or not any more.", data: TypingFields.fields.schema,
                answer: Nothing.schema, problems: Self.ofRoom + [.roomClosed])
        }
    }

    private static let ofRoom: [ErrorCode] = [.invalidID, .forbidden, .notFound]

    /// The room's id before the fields that the owning service reads.
    private static func inRoom(_ fields: some InputFields) -> ObjectSchema {
        var schema = fields.schema
        schema.members.insert(contentsOf: LeaveFields().schema.members, at: 0)
        return schema
    }
}

extension ServerEvent.Name {
    /// A new event does not compile without one.
    var description: ServerEventDescription {
        switch self {
        case .newMessage:
            ServerEventDescription(
                about: "Something was said; each message once, in the order of `seq`.",
                addressees: "sockets joined to the room, the sender's too", data: Message.schema)
        case .roomClosed:
            ServerEventDescription(
                about: "A room was closed; right after its summary.", addressees: "sockets joined to the room",
                data: RoomClosedNotice.schema)
        case .messagesRead:
            ServerEventDescription(
                about: "Somebody's mark has moved.", addressees: "sockets joined to the room",
                data: MessagesRead.schema)
        case .typing:
            ServerEventDescription(
                about: "Somebody types, or not any more.",
                addressees: "sockets joined to the room, but none of that user's own", data: TypingNotice.schema)
        case .presence:
            ServerEventDescription(
                about: "Who is in the room.",
                addressees: "whoever joins, and the other joined sockets when somebody comes or goes",
                data: PresenceNotice.schema)
        case .orderCreated:
            ServerEventDescription(
                about: "An order was placed.", addressees: "every Admin's sockets", data: Order.schema)
        case .orderUpdated:
            ServerEventDescription(
                about: "An order was changed.", addressees: "the owner's and every Admin's sockets", data: Order.schema)
        case .orderStatusChanged:
            ServerEventDescription(
                about: "An order has moved to another status.",
                addressees: "the owner's and every Admin's sockets, and those joined to its room",
                data: OrderStatusNotice.schema)
        case .sessionEnded:
            ServerEventDescription(
                about: "The session is over, and the socket is closed.", addressees: "the session's sockets",
                data: SessionEndNotice.schema)
        case .joinedRoom:
            ServerEventDescription(
                about: "A room was joined.", addressees: "the socket that joined without wanting an acknowledgement",
                data: JoinedRoom.schema)
        case .error:
            ServerEventDescription(
                about: "Something was refused.", addressees: "the socket that asked without wanting an acknowledgement",
                data: Problem.schema)
        }
    }
}
