import Contracts
import Messaging
package import Postgres
import Primitives

/// The schema `orders`. Transaction boundaries are here, rules are in Domain.
package struct OrderStore: Sendable {
    let database: Database
    let outbox: Outbox
    /// Looks up together the orders that are asked for at the same moment. A batch begins after its members were asked
    /// for, so each sees what had been committed by then.
    private let lookups: Batcher<Identifier, Order?>

    package init(database: Database, outbox: Outbox) {
        self.database = database
        self.outbox = outbox
        lookups = Batcher(batchLimit: 64) { ids in
            let found = try await database.withConnection(idempotent: true) { session in
                try session.execute(
                    """
                    select \(sql: OrderRow.columns) from \(sql: OrderRow.source)
                    where o.id = any(\(Array(Set(ids)))::uuid[])
                    """
                ).map(OrderRow.order)
            }
            let orders = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0) })
            return ids.map { .success(orders[$0]) }
        }
    }

    /// - Parameter deadline: nobody waits for the order after it.
    /// - Throws: `not-found`.
    func order(_ id: Identifier, deadline: ContinuousClock.Instant?) async throws -> Order {
        guard let order = try await lookups.submit(id, deadline: deadline) else { throw ServiceError.notFound("order") }
        return order
    }

    /// Reads an order, lets `decide` change it, and stores the result with one audit entry and one event, all in one
    /// transaction.
    ///
    /// - Parameter decide: runs with the order locked; returns what to store, or `nil` when nothing changes; throws to
    ///   refuse.
    func change(
        _ id: Identifier, by actor: Actor, context: RequestContext,
        _ decide: @escaping @Sendable (inout Order) throws -> OrderChange?
    ) async throws -> Order {
        let outbox = outbox
        let order = try await database.withTransaction { session in
            try Self.change(id, by: actor, context: context, outbox: outbox, session, decide)
        }
        outbox.committed()
        guard let order else { throw ServiceError.notFound("order") }
        return order
    }

    /// The same inside a transaction that is under way; `nil` when there is no such order.
    @discardableResult
    static func change(
        _ id: Identifier, by actor: Actor, context: RequestContext?, outbox: Outbox, _ session: Session,
        _ decide: (inout Order) throws -> OrderChange?
    ) throws -> Order? {
        let row = try session.first(
            "select \(sql: OrderRow.columns) from \(sql: OrderRow.source) where o.id = \(id) for update of o")
        guard var order = try row.map(OrderRow.order) else { return nil }
        let from = order.status
        guard let change = try decide(&order) else { return order }
        order.version += 1
        // A clock that went back must not make the order younger than its own past.
        order.updatedAt = max(.now(), order.updatedAt)
        let event: OutboxEvent
        switch change {
        case .content:
            let isLarge = JSONWriter.encode(order).count > Order.eventLimit
            event = OutboxEvent(
                Orders.Updated(order: isLarge ? order.outline : order, isOutline: isLarge), key: id, context: context)
        case .status:
            event = OutboxEvent(
                Orders.StatusChanged(
                    orderId: id, number: order.number, ownerId: order.owner.id, from: from, to: order.status,
                    version: order.version,
                    at: order.updatedAt),
                key: id, context: context)
        }
        try session.pipeline(
            [
                People.remember([(actor.id, actor.name)]),
                """
                update orders set description = \(order.description), specifications = \(JSONText(order.specifications.encoded))::json,
                    quantity = \(order.quantity), metadata = \(order.metadata.column)::json, status = \(order.status),
                    version = \(order.version), updated_at = \(order.updatedAt)
                where id = \(id)
                """,
                HistoryStatements.add(
                    change, at: order.updatedAt, orderID: id, actor: actor, from: from, to: order.status),
            ] + outbox.statements(adding: [event]))
        return order
    }
}

/// What is stored about a change in the audit timeline.
enum OrderChange: Sendable {
    /// The content, as `{field: {from, to}}`.
    case content(JSON)
    case status
}
