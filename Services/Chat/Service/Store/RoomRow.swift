import Contracts
import Messaging
import Postgres
import Primitives

/// How a room is read as one user sees it: the columns, and the room made of them.
enum RoomRow {
    static let columns: SQL = """
        r.order_id, r.owner_id, o.name, r.summary, r.closed_at, r.closed_by, c.name, r.closed_by_role as "rooms.closed_by_role", r.last_seq, \
        r.last_seq - coalesce(p.seq, 0) - coalesce(p.own_after, 0), r.created_at, r.last_activity_at, \
        m.id, m.kind as "messages.kind", m.sender_id, s.name, m.sender_role as "messages.sender_role", m.content, m.client_message_id, m.created_at
        """

    static func source(for userID: Identifier) -> SQL {
        """
        rooms r join people o on o.id = r.owner_id left join people c on c.id = r.closed_by \
        left join read_positions p on p.order_id = r.order_id and p.user_id = \(userID) \
        left join messages m on m.order_id = r.order_id and m.seq = r.last_seq left join people s on s.id = m.sender_id
        """
    }

    static func room(_ row: Row) throws -> (room: Room, activity: Timestamp) {
        let (
            orderID, ownerID, ownerName, summary, closedAt, closedBy, closerName, closerRole, lastSeq, unread,
            createdAt, activity
        ) =
            try row.decode(
                Identifier.self, Identifier.self, String.self, String?.self, Timestamp?.self, Identifier?.self,
                String?.self, Role?.self,
                Int.self, Int.self, Timestamp.self, Timestamp.self)
        var room = Room(
            orderID: orderID, owner: Person(id: ownerID, name: ownerName), isOpen: closedAt == nil, summary: summary,
            closedAt: closedAt,
            closedBy: nil, lastSeq: lastSeq, unread: max(0, unread), lastMessage: nil, createdAt: createdAt)
        if let closedBy, let closerName, let closerRole {
            room.closedBy = Participant(id: closedBy, name: closerName, role: closerRole)
        }
        if let id = try row[12, as: Identifier?.self], let senderName = try row[15, as: String?.self] {
            room.lastMessage = Message(
                id: id, orderID: orderID, seq: lastSeq, kind: try row[13, as: MessageKind.self],
                sender: Participant(
                    id: try row[14, as: Identifier.self], name: senderName, role: try row[16, as: Role.self]),
                content: try row[17, as: String.self], clientMessageID: try row[18, as: Identifier?.self],
                createdAt: try row[19, as: Timestamp.self])
        }
        return (room, activity)
    }
}
