import Contracts
import Messaging
import Primitives

/// `orders.create`: places an order.
struct CreateOrder: Sendable {
    private let commits: OrderCommits

    init(store: OrderStore) { commits = OrderCommits(store: store) }

    func handle(_ request: Orders.Create, _ context: CallContext) async throws -> Answer<Order> {
        let caller = try context.requireCaller()
        guard caller.role == .regular else { throw ServiceError(.forbidden, "Only Regular users place orders.") }
        let new = NewOrder(
            id: .make(), draft: try OrderDraft(body: request.body),
            owner: Person(id: caller.userID, name: caller.name), role: caller.role,
            idempotencyKey: request.idempotencyKey, traceparent: context.traceparent)
        switch try await commits.submit(new, for: context) {
        case .created(let id, let answer):
            return Answer(encoded: answer, metadata: AnswerMetadata(isCreated: true, version: 1, id: id))
        case .replayed(let id, let answer):
            return Answer(
                encoded: answer, metadata: AnswerMetadata(isCreated: true, version: 1, id: id, isReplayed: true))
        case .refused(let error): throw error
        }
    }
}
