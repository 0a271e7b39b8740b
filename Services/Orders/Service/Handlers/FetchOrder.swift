import Contracts
import Messaging

/// `orders.fetch`: an order for the sockets that a gateway tells of it. Not for users, so there is no caller to check.
struct FetchOrder: Sendable {
    let store: OrderStore

    func handle(_ request: Orders.Fetch, _ context: CallContext) async throws -> Answer<Order> {
        let order = try await store.order(request.orderID, for: context)
        return Answer(order, metadata: AnswerMetadata(version: order.version))
    }
}
