import Contracts
import Persistence
import Postgres
import Primitives

/// The rooms in a transaction that is under way: for the effects of events.
struct RoomTransaction {
    let session: DatabaseSession

    /// Makes rooms of orders; those that are there already stay as they are.
    /// - Returns: how many were missing.
    @discardableResult
    func make(of orders: [OrderFacts]) throws -> Int {
        guard !orders.isEmpty else { return 0 }
        return try session.pipeline([
            People.remember(orders.map { ($0.owner.id, $0.owner.name) }),
            """
            insert into rooms (order_id, order_number, owner_id, created_at, last_activity_at)
            select order_id, number, owner_id, created_at, created_at
            from unnest(\(orders.map(\.orderID))::uuid[], \(orders.map(\.number))::bigint[], \(orders.map(\.owner.id))::uuid[],
                \(orders.map(\.createdAt))::timestamptz[]) as new(order_id, number, owner_id, created_at)
            order by order_id
            on conflict (order_id) do nothing
            """,
        ])[1].affected
    }

    /// Takes names as the auth service tells them; an older telling changes nothing.
    func takeNames(_ changes: [Auth.UserChanged]) throws {
        try session.pipeline(changes.map { People.update($0.userID, name: $0.name, version: $0.version) })
    }
}
