import Contracts
import Messaging

/// `orders.lookup`: what the chat service needs to make a room before the event has come. Not for users, so there is no
/// caller to check.
struct LookUpOrder: Sendable {
    let store: OrderStore

    func handle(_ request: Orders.Lookup, _ context: CallContext) async throws -> Answer<OrderFacts> {
        let order = try await store.order(request.orderID, for: context)
        return Answer(
            OrderFacts(orderID: order.id, number: order.number, owner: order.owner, createdAt: order.createdAt))
    }
}
