import Contracts
import Messaging
import Postgres
import Primitives

/// Which rooms a list shows.
struct RoomFilter: Sendable {
    var ownerID: Identifier?
    var isOpen: Bool?
    var hasUnread: Bool?
    var search: String?
}

/// The place of a room in the list by activity.
struct RoomPosition: CursorPosition {
    var activity: Timestamp
    var orderID: Identifier

    init(activity: Timestamp, orderID: Identifier) {
        self.activity = activity
        self.orderID = orderID
    }

    var words: [String] { [String(activity.milliseconds), orderID.description] }

    init?(words: [String]) {
        // No room is older than 1970 or younger than what PostgreSQL and RFC 3339 write with four digits of a year.
        guard words.count == 2, let milliseconds = Int64(words[0]), (0..<253_402_300_800_000).contains(milliseconds),
            let orderID = Identifier(words[1])
        else {
            return nil
        }
        self.init(activity: Timestamp(milliseconds: milliseconds), orderID: orderID)
    }
}

extension ChatStore {
    /// Rooms by latest activity, as `userID` sees them, each with its place.
    func rooms(
        _ filter: RoomFilter, for userID: Identifier, after: RoomPosition?, limit: Int
    ) async throws -> [(room: Room, position: RoomPosition)] {
        var conditions: [SQL] = []
        if let owner = filter.ownerID { conditions.append("r.owner_id = \(owner)") }
        if let isOpen = filter.isOpen { conditions.append(isOpen ? "r.closed_at is null" : "r.closed_at is not null") }
        if let hasUnread = filter.hasUnread {
            let unread: SQL = "r.last_seq - coalesce(p.seq, 0) - coalesce(p.own_after, 0)"
            conditions.append(hasUnread ? "\(sql: unread) > 0" : "\(sql: unread) <= 0")
        }
        if let search = filter.search {
            // Position instead of a pattern: what is looked for stands for itself.
            let places = ["r.order_number::text", "o.name", "r.summary", "m.content"]
            let found = places.map { place -> SQL in "strpos(fold(\(unsafe: place)), (select fold(\(search)))) > 0" }
            conditions.append("(\(sql: found.joined(separator: " or ")))")
        }
        if let after { conditions.append("(r.last_activity_at, r.order_id) < (\(after.activity), \(after.orderID))") }
        let condition: SQL = conditions.isEmpty ? "true" : conditions.joined(separator: " and ")
        // In the text and not as a parameter: a plan for any limit would sort all rooms. One of few numbers, so that
        // there are few statements.
        let bound = [21, 51].first { $0 >= limit } ?? max(101, limit)
        let query: SQL = """
            select \(sql: RoomRow.columns) from \(sql: RoomRow.source(for: userID)) where \(sql: condition)
            order by r.last_activity_at desc, r.order_id desc limit \(unsafe: String(bound))
            """
        return try await database.withConnection(idempotent: true) { session in
            try session.execute(query).prefix(limit).map { row in
                let (room, activity) = try RoomRow.room(row)
                return (room, RoomPosition(activity: activity, orderID: room.orderID))
            }
        }
    }
}
