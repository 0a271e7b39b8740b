package import Primitives

/// A message as clients see it.
package struct Message: JSONCodable, Sendable, Equatable {
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

    package init(json: JSON) throws(JSONMismatch) {
        id = try json.get("id")
        orderID = try json.get("orderId")
        seq = try json.get("seq")
        kind = try json.get("kind")
        sender = try json.get("sender")
        content = try json.get("content")
        clientMessageID = try json.get("clientMessageId")
        createdAt = try json.get("createdAt")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("id", id)
            $0.field("orderId", orderID)
            $0.field("seq", seq)
            $0.field("kind", kind)
            $0.field("sender", sender)
            $0.field("content", content)
            $0.field("clientMessageId", clientMessageID)
            $0.field("createdAt", createdAt)
        }
    }
}

/// What a message is: part of the conversation, or the summary that closes it.
package enum MessageKind: String, Sendable, CaseIterable {
    case text
    case summary
}

extension MessageKind: JSONCodable {
    package init(json: JSON) throws(JSONMismatch) {
        guard let text = json.string, let kind = MessageKind(rawValue: text) else {
            throw JSONMismatch(expected: "a kind of message")
        }
        self = kind
    }

    package func write(to writer: inout JSONWriter) { writer.string(rawValue) }
}
