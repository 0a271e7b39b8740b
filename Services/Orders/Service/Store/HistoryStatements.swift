import Contracts
import Messaging
import Postgres
import Primitives

/// Statements on the table `order_history`.
enum HistoryStatements {
    static func addCreated(_ orders: [Order], roles: [Role]) -> SQL {
        """
        insert into order_history (order_id, at, kind, actor_id, actor_role)
        select order_id, at, 'created', actor_id, actor_role
        from unnest(\(orders.map(\.id))::uuid[], \(orders.map(\.createdAt))::timestamptz[], \(orders.map(\.owner.id))::uuid[],
            \(roles.map(\.rawValue))::text[]) as new(order_id, at, actor_id, actor_role)
        """
    }

    static func add(
        _ change: OrderChange, at: Timestamp, orderID: Identifier, actor: Participant, from: OrderStatus,
        to: OrderStatus
    ) -> SQL {
        switch change {
        case .content(let changes):
            """
            insert into order_history (order_id, at, kind, actor_id, actor_role, changes)
            values (\(orderID), \(at), 'updated', \(actor.id), \(actor.role.rawValue), \(JSONText(changes.encoded))::json)
            """
        case .status:
            """
            insert into order_history (order_id, at, kind, actor_id, actor_role, from_status, to_status)
            values (\(orderID), \(at), 'status-changed', \(actor.id), \(actor.role.rawValue), \(from), \(to))
            """
        }
    }
}
