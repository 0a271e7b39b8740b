import Contracts
import Messaging
import Postgres
import Primitives

extension MessageKind: SQLParameter, RowValue {}
extension Role: SQLParameter, RowValue {}

/// How a message is read: the columns, and the message made of them.
enum MessageRow {
    static let columns: SQL = """
        m.id, m.order_id, m.seq, m.kind as "messages.kind", m.sender_id, s.name, m.sender_role as "messages.sender_role", \
        m.content, m.client_message_id, m.created_at
        """
    static let source: SQL = "messages m join people s on s.id = m.sender_id"

    static func message(_ row: Row) throws -> Message {
        let (id, orderID, seq, kind, senderID, name, role, content, clientMessageID, createdAt) = try row.decode(
            Identifier.self, Identifier.self, Int.self, MessageKind.self, Identifier.self, String.self, Role.self,
            String.self,
            Identifier?.self, Timestamp.self)
        return Message(
            id: id, orderID: orderID, seq: seq, kind: kind, sender: Participant(id: senderID, name: name, role: role),
            content: content,
            clientMessageID: clientMessageID, createdAt: createdAt)
    }
}
