import Contracts
import Messaging
import Persistence
import Postgres

/// Stores orders: those placed at the same moment are committed together.
struct OrderCommits: Sendable {
    private let batches: Batcher<NewOrder, CreatedOrder>

    init(store: OrderStore) {
        let (database, outbox) = (store.database, store.outbox)
        batches = Batcher(
            batchLimit: 128, concurrency: 2, key: \.owner.id,
            settle: { orders, unknown in
                try await database.awaitEnd(of: unknown, telling: outbox)
                let stored = try await store.created(orders.map(\.id))
                // Those that are not there were repeats or refused, or none was stored: their clients ask again.
                return orders.map { order in stored[order.id].map { .success($0) } ?? .failure(unknown) }
            },
            run: { orders in
                try await database.withTransaction(telling: outbox, waitsForLocks: false) { session, events in
                    try OrderStore.create(orders, session, events).map { .success($0) }
                }
            })
    }

    func submit(_ order: NewOrder, for context: CallContext) async throws -> CreatedOrder {
        try await batches.submit(order, for: context)
    }
}
