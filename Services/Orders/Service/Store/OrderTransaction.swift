import Contracts
import Messaging
import Persistence
import Postgres
import Primitives

/// The orders in a transaction that is under way: for the effects of events, and for changes.
struct OrderTransaction {
    let session: DatabaseSession
    let events: OutboxEvents

    /// Reads an order, lets `decide` change it, and stores the result with one audit entry and one event.
    ///
    /// - Parameter decide: runs with the order locked; returns what to store, or `nil` when nothing changes; throws to
    ///   refuse.
    /// - Returns: `nil` when there is no such order.
    @discardableResult
    func change(
        _ id: Identifier, by actor: Participant, context: CallContext?, _ decide: (inout Order) throws -> OrderChange?
    ) throws -> Order? {
        let row = try session.first(
            "select \(sql: OrderRow.columns) from \(sql: OrderRow.source) where o.id = \(id) for update of o")
        guard var order = try row.map(OrderRow.order) else { return nil }
        let from = order.status
        guard let change = try decide(&order) else { return order }
        order.version += 1
        // A clock that went back must not make the order younger than its own past.
        order.updatedAt = max(.now(), order.updatedAt)
        switch change {
        case .content:
            let isLarge = JSONWriter.encode(order).count > Order.eventLimit
            try events.add(
                Orders.Updated(order: isLarge ? order.outline : order, isOutline: isLarge), key: id, context: context)
        case .status:
            try events.add(
                Orders.StatusChanged(
                    orderID: id, number: order.number, ownerID: order.owner.id, from: from, to: order.status,
                    version: order.version, at: order.updatedAt),
                key: id, context: context)
        }
        try session.pipeline([
            People.remember([(actor.id, actor.name)]),
            """
            update orders set description = \(order.description), specifications = \(JSONText(order.specifications.encoded))::json,
                quantity = \(order.quantity), metadata = \(order.metadata.column)::json, status = \(order.status),
                version = \(order.version), updated_at = \(order.updatedAt)
            where id = \(id)
            """,
            HistoryStatements.add(
                change, at: order.updatedAt, orderID: id, actor: actor, from: from, to: order.status),
        ])
        return order
    }

    /// Takes names as the auth service tells them; an older telling changes nothing.
    func takeNames(_ changes: [Auth.UserChanged]) throws {
        try session.pipeline(changes.map { People.update($0.userID, name: $0.name, version: $0.version) })
    }
}

/// What is stored about a change in the audit timeline.
enum OrderChange: Sendable {
    /// The content, as `{field: {from, to}}`.
    case content(JSON)
    case status
}
