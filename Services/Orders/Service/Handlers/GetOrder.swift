import Contracts
import Messaging

/// `orders.get`: one order, for its owner and for Admins.
struct GetOrder: Sendable {
    let store: OrderStore

    func handle(_ request: Orders.Get, _ context: CallContext) async throws -> Answer<Order> {
        let caller = try context.requireCaller()
        let order = try await store.order(request.orderID, for: context)
        try OrderAccess.requireRead(caller, owner: order.owner)
        return Answer(order, metadata: AnswerMetadata(version: order.version))
    }
}
