import Contracts
import Messaging
import Postgres
import Primitives

/// `orders.create`: places an order. Orders placed at the same moment are committed together.
struct CreateOrder: Sendable {
    private let commit: Batcher<NewOrder, CreatedOrder>
    private let outbox: Outbox

    init(store: OrderStore) {
        let (database, outbox) = (store.database, store.outbox)
        self.outbox = outbox
        commit = Batcher(
            batchLimit: 128, concurrency: 2, key: \.owner.id,
            settle: { orders, unknown in
                try await database.awaitEnd(of: unknown)
                let stored = try await store.created(orders.map(\.id))
                // Those that are not there were repeats or refused, or none was stored: their clients ask again.
                return orders.map { order in stored[order.id].map { .success($0) } ?? .failure(unknown) }
            },
            run: { orders in
                try await database.withTransaction(waitsForLocks: false) { session in
                    try OrderStore.create(orders, outbox: outbox, session).map { .success($0) }
                }
            })
    }

    func handle(_ request: Orders.Create, _ context: RequestContext) async throws -> Answer<Order> {
        let caller = try context.requireCaller()
        guard caller.role == .regular else { throw ServiceError(.forbidden, "Only Regular users place orders.") }
        let draft = try OrderDraft(body: request.body)
        let new = NewOrder(
            id: .make(), draft: draft, owner: Person(id: caller.userID, name: caller.name), role: caller.role,
            idempotency: request.idempotencyKey.map {
                IdempotentRequest(userID: caller.userID, key: $0, fingerprint: draft.fingerprint)
            },
            traceparent: context.traceparent)
        switch try await commit.submit(new, deadline: context.deadline) {
        case .created(let id, let answer):
            outbox.committed()
            return Answer(encoded: answer, metadata: AnswerMetadata(isCreated: true, version: 1, id: id))
        case .replayed(let id, let answer):
            return Answer(
                encoded: answer, metadata: AnswerMetadata(isCreated: true, version: 1, id: id, isReplayed: true))
        case .refused(let error): throw error
        }
    }
}
