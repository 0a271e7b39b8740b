import Contracts
import Messaging

/// `orders.fetch`: an order for the sockets that a gateway tells of it. Not for users, so there is no caller to check.
struct FetchOrder: Sendable {
    let store: OrderStore

    func handle(_ request: Orders.Fetch, _ context: RequestContext) async throws -> Answer<Order> {
        let order = try await store.order(request.orderId, for: context)
        return Answer(order, metadata: AnswerMetadata(version: order.version))
    }
}
