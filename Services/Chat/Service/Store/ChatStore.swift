import Contracts
import Messaging
package import Persistence
package import Postgres
import Primitives

/// The schema `chat`. Transaction boundaries are here, rules are in Domain.
package struct ChatStore: Sendable {
    let database: Database
    let outbox: Outbox

    package init(database: Database, outbox: Outbox) {
        self.database = database
        self.outbox = outbox
    }

    /// Runs `body` in one transaction. It may run several times, so it must have no effect outside of
    /// `RoomTransaction`.
    func inTransaction<R: Sendable>(_ body: @escaping @Sendable (RoomTransaction) throws -> R) async throws -> R {
        try await database.withTransaction { session in try body(RoomTransaction(session: session)) }
    }

    /// A room as `userID` sees it.
    func room(_ orderID: Identifier, for userID: Identifier) async throws -> Room? {
        try await database.withConnection(idempotent: true) { session in try Self.room(orderID, for: userID, session) }
    }

    static func room(_ orderID: Identifier, for userID: Identifier, _ session: DatabaseSession) throws -> Room? {
        try session.first(
            "select \(sql: RoomRow.columns) from \(sql: RoomRow.source(for: userID)) where r.order_id = \(orderID)"
        ).map { try RoomRow.room($0).room }
    }

    /// Messages of a room, ascending, and whether there are more in the direction asked for.
    func messages(_ orderID: Identifier, _ window: MessageWindow) async throws -> MessagePage {
        try await database.withConnection(idempotent: true) { session in try Self.messages(orderID, window, session) }
    }

    static func messages(_ orderID: Identifier, _ window: MessageWindow, _ session: DatabaseSession) throws
        -> MessagePage
    {
        var condition: SQL = "m.order_id = \(orderID)"
        let order: SQL
        switch window.direction {
        case .latest(let before):
            if let before { condition += " and m.seq < \(before)" }
            order = "m.seq desc"
        case .following(let after, let before):
            condition += " and m.seq > \(after)"
            if let before { condition += " and m.seq < \(before)" }
            order = "m.seq"
        }
        let found = try session.execute(
            """
            select \(sql: MessageRow.columns) from \(sql: MessageRow.source) where \(sql: condition)
            order by \(sql: order) limit \(window.limit + 1)
            """
        ).map(MessageRow.message)
        // In the order asked for, so that what does not fit is what is farthest away. In JSON a character may take six.
        let count = PageBudget.fitting(found.prefix(window.limit)) { $0.content.utf8.count * 6 + 1024 }
        var page = Array(found.prefix(count))
        if case .latest = window.direction { page.reverse() }
        return MessagePage(
            items: page, firstSeq: page.first?.seq, lastSeq: page.last?.seq, hasMore: found.count > count)
    }

    /// The closings among these rooms, as their events told them.
    func closings(among orderIDs: [Identifier]) async throws -> [Chat.RoomClosed] {
        try await database.withConnection(idempotent: true) { session in
            try session.execute(
                """
                select r.order_id, r.closed_by, p.name, r.closed_by_role as "rooms.closed_by_role", r.closed_at, r.last_seq
                from rooms r join people p on p.id = r.closed_by where r.order_id = any(\(orderIDs)::uuid[])
                """
            ).map { row in
                let (orderID, closedBy, name, role, closedAt, seq) = try row.decode(
                    Identifier.self, Identifier.self, String.self, Role.self, Timestamp.self, Int.self)
                return Chat.RoomClosed(
                    orderID: orderID, closedBy: Participant(id: closedBy, name: name, role: role), closedAt: closedAt,
                    seq: seq)
            }
        }
    }

    /// Makes the rooms of many orders; those that are there already stay as they are.
    /// - Returns: how many were missing.
    func makeRooms(of orders: [OrderFacts]) async throws -> Int {
        try await inTransaction { rooms in try rooms.make(of: orders) }
    }

    /// How far rooms have come.
    func heads(_ orderIDs: [Identifier]) async throws -> [RoomHead] {
        try await database.withConnection(idempotent: true) { session in
            try session.execute("select order_id, last_seq from rooms where order_id = any(\(orderIDs)::uuid[])").map {
                row in
                let (orderID, lastSeq) = try row.decode(Identifier.self, Int.self)
                return RoomHead(orderID: orderID, lastSeq: lastSeq)
            }
        }
    }

    /// How far people have read a room, the farthest first.
    func reads(_ orderID: Identifier, limit: Int) async throws -> [MessagesRead] {
        try await database.withConnection(idempotent: true) { session in
            try session.execute(
                """
                select user_id, seq from read_positions where order_id = \(orderID) and seq > 0
                order by seq desc, user_id limit \(limit)
                """
            ).map { row in
                let (userID, seq) = try row.decode(Identifier.self, Int.self)
                return MessagesRead(orderID: orderID, userID: userID, seq: seq)
            }
        }
    }

    /// Moves a read position forward.
    /// - Returns: the position when it moved; `nil` when it was there or further already.
    func markRead(_ orderID: Identifier, by caller: Caller, upTo seq: Int) async throws -> Int? {
        try await database.withTransaction { session in
            // The shared lock keeps senders out, so that the count below stays true.
            guard
                let room = try session.first(
                    "select owner_id, last_seq from rooms where order_id = \(orderID) for share")
            else { throw ServiceError.notFound("room") }
            let (ownerID, lastSeq) = try room.decode(Identifier.self, Int.self)
            try RoomAccess.requireMember(caller, ownerID: ownerID)
            let seq = min(seq, lastSeq)
            let moved = try session.execute(
                """
                insert into read_positions (order_id, user_id, seq, own_after)
                values (\(orderID), \(caller.userID), \(seq), (select count(*) from messages
                    where order_id = \(orderID) and messages.seq > \(seq) and sender_id = \(caller.userID)))
                on conflict (order_id, user_id) do update set seq = excluded.seq, own_after = excluded.own_after
                where read_positions.seq < excluded.seq
                """
            ).affected
            return moved > 0 && seq > 0 ? seq : nil
        }
    }
}
