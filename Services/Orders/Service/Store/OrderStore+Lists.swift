import Contracts
import Messaging
import Persistence
import Postgres
import Primitives

/// Which orders a list shows.
struct OrderFilter: Sendable {
    var ownerID: Identifier?
    var status: OrderStatus?
    var search: String?
    /// Inclusive.
    var from: Timestamp?
    /// Exclusive.
    var to: Timestamp?
}

extension OrderStore {
    /// Newest first. Identifiers sort by time, so the one after which the page begins is the whole sort key.
    func orders(_ filter: OrderFilter, after: Identifier?, limit: Int) async throws -> [Order] {
        var conditions: [SQL] = []
        if let owner = filter.ownerID { conditions.append("o.owner_id = \(owner)") }
        // In the text and not as a parameter: the best way differs between a rare status and a common one.
        if let status = filter.status { conditions.append("o.status = '\(unsafe: status.rawValue)'") }
        // An id begins with the time of creation, so a period is a range of ids, which the indexes hold.
        if let from = filter.from { conditions.append("o.id >= \(Self.firstID(at: from))") }
        if let to = filter.to { conditions.append("o.id < \(Self.firstID(at: to))") }
        if let search = filter.search {
            conditions.append("o.search like \(sql: Folding.pattern(finding: search))")
        }
        if let after { conditions.append("o.id < \(after)") }
        let condition: SQL = conditions.isEmpty ? "true" : conditions.joined(separator: " and ")
        let query: SQL = """
            select \(sql: OrderRow.columns) from \(sql: OrderRow.source) where \(sql: condition) order by o.id desc limit \(limit)
            """
        guard filter.search != nil else {
            return try await database.withConnection(idempotent: true) { session in
                try session.execute(query).map(OrderRow.order)
            }
        }
        // Planned anew each time: a plan for any pattern, to which PostgreSQL turns after some executions, does not
        // know that this one is rare and walks through all orders instead of using the index of the search.
        return try await database.withTransaction(readOnly: true) { session in
            let results = try session.executeAndCommit(["set local plan_cache_mode = force_custom_plan", query])
            return try results[1].map(OrderRow.order)
        }
    }

    /// The smallest id that an order of that moment can have.
    private static func firstID(at time: Timestamp) -> Identifier {
        Identifier(high: UInt64(min(max(0, time.milliseconds), 1 << 48 - 1)) << 16, low: 0)
    }

    /// Oldest first, with the position of each entry.
    func history(_ orderID: Identifier, after: Int, limit: Int) async throws -> [(
        position: Int, entry: OrderHistoryEntry
    )] {
        try await database.withConnection(idempotent: true) { session in
            try session.execute(
                """
                select h.position, h.at, h.kind as "order_history.kind", h.actor_id, p.name,
                    h.actor_role as "order_history.actor_role", h.from_status as "order_history.from_status",
                    h.to_status as "order_history.to_status", h.changes
                from order_history h join people p on p.id = h.actor_id
                where h.order_id = \(orderID) and h.position > \(after) order by h.position limit \(limit)
                """
            ).map { row in
                let (position, at, kind, actorID, name, role, from, to, changes) = try row.decode(
                    Int.self, Timestamp.self, OrderHistoryEntry.Kind.self, Identifier.self, String.self, Role.self,
                    OrderStatus?.self, OrderStatus?.self, JSONText?.self)
                let entry = OrderHistoryEntry(
                    at: at, kind: kind, actor: Participant(id: actorID, name: name, role: role), from: from, to: to,
                    changes: try changes.map(OrderRow.json))
                return (position, entry)
            }
        }
    }

    /// Orders by number, after one of them.
    func facts(afterNumber: Int?, limit: Int) async throws -> [OrderFacts] {
        let last = afterNumber ?? 0
        return try await database.withConnection(idempotent: true) { session in
            try session.execute(
                """
                select o.id, o.number, o.owner_id, p.name, o.created_at from \(sql: OrderRow.source)
                where o.number > \(last) order by o.number limit \(limit)
                """
            ).map { row in
                let (id, number, ownerID, name, createdAt) = try row.decode(
                    Identifier.self, Int.self, Identifier.self, String.self, Timestamp.self)
                return OrderFacts(
                    orderID: id, number: number, owner: Person(id: ownerID, name: name), createdAt: createdAt)
            }
        }
    }

    /// The ids of orders that the closing of their room would move, after one of them, oldest first.
    func awaitingClosing(after: Identifier, limit: Int) async throws -> [Identifier] {
        try await database.withConnection(idempotent: true) { session in
            try session.execute(
                "select id from orders where status = '\(unsafe: OrderMove.roomClosed.from.rawValue)' and id > \(after) order by id limit \(limit)"
            ).map { row in try row[0, as: Identifier.self] }
        }
    }

    func stats() async throws -> OrderStats {
        let counts = try await database.withConnection(idempotent: true) { session in
            try session.execute(#"select status as "orders.status", count(*) from orders group by status"#).map { row in
                try row.decode(OrderStatus.self, Int.self)
            }
        }
        let byStatus = Dictionary(uniqueKeysWithValues: counts)
        return OrderStats(
            review: byStatus[.review] ?? 0, processing: byStatus[.processing] ?? 0, completed: byStatus[.completed] ?? 0
        )
    }
}
