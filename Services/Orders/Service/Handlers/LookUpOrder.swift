import Contracts
import Messaging

/// `orders.lookup`: what the chat service needs to make a room before the event has come. Not for users, so there is no
/// caller to check.
struct LookUpOrder: Sendable {
    let store: OrderStore

    func handle(_ request: Orders.Lookup, _ context: RequestContext) async throws -> Answer<OrderFacts> {
        let order = try await store.order(request.orderId, for: context)
        return Answer(
            OrderFacts(orderId: order.id, number: order.number, owner: order.owner, createdAt: order.createdAt))
    }
}
