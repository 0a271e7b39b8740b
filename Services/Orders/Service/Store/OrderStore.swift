import Contracts
import Messaging
package import Persistence
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

    /// - Throws: `not-found`.
    func order(_ id: Identifier, for context: CallContext) async throws -> Order {
        guard let order = try await lookups.submit(id, for: context) else { throw ServiceError.notFound("order") }
        return order
    }

    /// Runs `body` in one transaction, with whatever it tells. It may run several times, so it must have no effect
    /// outside of `OrderTransaction`.
    func inTransaction<R: Sendable>(_ body: @escaping @Sendable (OrderTransaction) throws -> R) async throws -> R {
        try await database.withTransaction(telling: outbox) { session, events in
            try body(OrderTransaction(session: session, events: events))
        }
    }

    /// `OrderTransaction.change` in a transaction of its own.
    /// - Throws: `not-found`, and what `decide` throws.
    func change(
        _ id: Identifier, by actor: Participant, context: CallContext,
        _ decide: @escaping @Sendable (inout Order) throws -> OrderChange?
    ) async throws -> Order {
        let order = try await inTransaction { orders in
            try orders.change(id, by: actor, context: context, decide)
        }
        guard let order else { throw ServiceError.notFound("order") }
        return order
    }
}
