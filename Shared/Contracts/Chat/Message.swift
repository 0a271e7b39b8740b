import Messaging
package import Primitives

/// A message as clients see it.
package struct Message: DescribedObject, Sendable, Equatable {
    package var id: Identifier
    package var orderID: Identifier
    /// 1, 2, 3 … in each room, without gaps.
    package var seq: Int
    package var kind: MessageKind
    package var sender: Participant
    package var content: String
    /// What makes sending again safe; the sender's own choice.
    package var clientMessageID: Identifier?
    package var createdAt: Timestamp

    package init(
        id: Identifier, orderID: Identifier, seq: Int, kind: MessageKind, sender: Participant, content: String,
        clientMessageID: Identifier? = nil, createdAt: Timestamp
    ) {
        self.id = id
        self.orderID = orderID
        self.seq = seq
        self.kind = kind
        self.sender = sender
        self.content = content
        self.clientMessageID = clientMessageID
        self.createdAt = createdAt
    }

    package static let about = "A message of a room."

    package static let example = Message(
        id: Examples.message, orderID: Examples.order, seq: 1, kind: .text,
        sender: Participant(id: Examples.owner, name: "Olga Owner", role: .regular),
        content: "Could it be ready by Friday?", clientMessageID: Examples.clientMessage, createdAt: Examples.time)

    package static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("id", &object.id, "The message.")
        try list.member("orderId", &object.orderID, "The room.")
        try list.member(
            "seq", &object.seq,
            "Its place in the room: 1, 2, 3 and so on, without gaps.", as: .integer(1...Int(Int32.max)))
        try list.member("kind", &object.kind, "Part of the conversation, or the summary that closes it.")
        try list.member("sender", &object.sender, "Who has sent it.")
        try list.member("content", &object.content, "The text, as it was sent.")
        try list.member(
            "clientMessageId", &object.clientMessageID,
            "The sender's own name for it, which makes sending again safe; else `null`.")
        try list.member("createdAt", &object.createdAt, "When it was stored.")
    }
}

/// What a message is: part of the conversation, or the summary that closes it.
package enum MessageKind: String, DescribedWord {
    package static let about = "Part of the conversation, or the summary that closes it."

    case text
    case summary
}
