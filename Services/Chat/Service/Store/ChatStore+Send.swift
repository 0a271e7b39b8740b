import Contracts
import Messaging
import Persistence
import Postgres
import Primitives

/// A message about to be stored.
struct NewMessage: Sendable {
    var id: Identifier
    var orderID: Identifier
    var sender: Caller
    var draft: MessageDraft
}

/// What became of it.
enum SentMessage: Sendable {
    case stored(Message, encoded: [UInt8])
    /// The sender's first message with the same `clientMessageId`.
    case repeated(Message)
    case refused(ServiceError)
    /// The order's room has not been made yet.
    case noRoom
}

extension ChatStore {
    /// Stores many messages in one transaction of two round trips. Those of a room get its next numbers, in the order
    /// given.
    ///
    /// The first trip locks the rooms, in one order so that two batches cannot block each other for ever, and then looks
    /// for repeats: it sees what was committed before the locks were got. The second writes and commits. Few statements,
    /// as each costs the server more than a row of it.
    static func send(_ messages: [NewMessage], _ session: DatabaseSession) throws -> [SentMessage] {
        let repeatable = messages.filter { $0.draft.clientMessageID != nil }
        let lookups = try session.pipeline(
            [lockRooms(messages)] + (repeatable.isEmpty ? [] : [earlier(repeatable)]))
        var rooms: [SendBatch.RoomState] = []
        var names: [(Identifier, String)] = []
        for row in lookups[0] {
            let (orderID, ownerID, lastSeq, isOpen, personID, name) = try row.decode(
                Identifier?.self, Identifier?.self, Int?.self, Bool?.self, Identifier?.self, String?.self)
            if let orderID, let ownerID, let lastSeq, let isOpen {
                rooms.append(.init(orderID: orderID, ownerID: ownerID, lastSeq: lastSeq, isOpen: isOpen))
            } else if let personID, let name {
                names.append((personID, name))
            }
        }
        var batch = SendBatch(
            rooms: rooms, names: names, earlier: repeatable.isEmpty ? [] : try lookups[1].map(MessageRow.message),
            now: .now())
        let results = messages.map { batch.add($0) }
        let new = batch.new
        guard !new.isEmpty else { return results }
        let known = Set(names.map(\.0))
        let strangers = new.map(\.sender).filter { !known.contains($0.id) }
        let people = strangers.isEmpty ? [] : [People.remember(strangers.map { ($0.id, $0.name) })]
        try session.executeAndCommit(people + [store(new)])
        return results
    }

    /// The rooms of `messages`, locked, and the names of their senders: a row has the one or the other.
    private static func lockRooms(_ messages: [NewMessage]) -> SQL {
        """
        with locked as (
            select order_id, owner_id, last_seq, closed_at is null as is_open from rooms
            where order_id = any(\(Array(Set(messages.map(\.orderID))))::uuid[]) order by order_id for update)
        select order_id, owner_id, last_seq, is_open, null::uuid as person_id, null::text as name from locked
        union all
        select null, null, null, null, id, name from people
        where id = any(\(Array(Set(messages.map(\.sender.userID))))::uuid[])
        """
    }

    /// The messages of these ids that are stored, in the order of their numbers.
    func stored(_ ids: [Identifier]) async throws -> [Message] {
        try await database.withConnection(idempotent: true) { session in
            try session.execute(
                """
                select \(sql: MessageRow.columns) from \(sql: MessageRow.source) where m.id = any(\(ids)::uuid[])
                order by m.order_id, m.seq
                """
            ).map(MessageRow.message)
        }
    }

    private static func earlier(_ messages: [NewMessage]) -> SQL {
        """
        select \(sql: MessageRow.columns)
        from unnest(\(messages.map(\.orderID))::uuid[], \(messages.map(\.sender.userID))::uuid[],
            \(messages.compactMap(\.draft.clientMessageID))::uuid[]) as asked(order_id, sender_id, client_message_id)
        join messages m on m.order_id = asked.order_id and m.sender_id = asked.sender_id
            and m.client_message_id = asked.client_message_id
        join people s on s.id = m.sender_id
        """
    }

    /// Stores messages, moves their rooms on to the last of them, and counts them as their senders' own.
    static func store(_ messages: [Message]) -> SQL {
        "with stored as (\(sql: insert(messages))), moved as (\(sql: advance(messages))) \(sql: countOwn(messages))"
    }

    private static func insert(_ messages: [Message]) -> SQL {
        """
        insert into messages (order_id, seq, id, kind, sender_id, sender_role, content, client_message_id, created_at)
        select * from unnest(\(messages.map(\.orderID))::uuid[], \(messages.map(\.seq))::integer[], \(messages.map(\.id))::uuid[],
            \(messages.map(\.kind.rawValue))::text[], \(messages.map(\.sender.id))::uuid[], \(messages.map(\.sender.role.rawValue))::text[],
            \(messages.map(\.content))::text[], \(messages.map(\.clientMessageID))::uuid[], \(messages.map(\.createdAt))::timestamptz[])
        """
    }

    /// Moves rooms on to their last message.
    private static func advance(_ messages: [Message]) -> SQL {
        var last: [Identifier: Message] = [:]
        for message in messages { last[message.orderID] = message }
        let heads = Array(last.values)
        return """
            update rooms set last_seq = head.seq, last_activity_at = greatest(rooms.last_activity_at, head.at)
            from unnest(\(heads.map(\.orderID))::uuid[], \(heads.map(\.seq))::integer[], \(heads.map(\.createdAt))::timestamptz[])
                as head(order_id, seq, at)
            where rooms.order_id = head.order_id
            """
    }

    /// Counts messages as their senders' own, so that they are not unread to them.
    private static func countOwn(_ messages: [Message]) -> SQL {
        """
        insert into read_positions (order_id, user_id, seq, own_after)
        select order_id, user_id, 0, count(*) from unnest(\(messages.map(\.orderID))::uuid[], \(messages.map(\.sender.id))::uuid[])
            as own(order_id, user_id) group by order_id, user_id order by order_id, user_id
        on conflict (order_id, user_id) do update set own_after = read_positions.own_after + excluded.own_after
        """
    }
}
