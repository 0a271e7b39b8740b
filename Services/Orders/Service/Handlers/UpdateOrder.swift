import Contracts
import Messaging

/// `orders.update`: changes the content of an order in review; for its owner.
struct UpdateOrder: Sendable {
    let store: OrderStore

    func handle(_ request: Orders.Update, _ context: CallContext) async throws -> Answer<Order> {
        let caller = try context.requireCaller()
        let patch = try OrderPatch(body: request.body)
        let condition = VersionCondition(ifMatch: request.ifMatch)
        let order = try await store.change(request.orderID, by: Participant(caller), context: context) { order in
            try OrderAccess.requireEdit(caller, order)
            try condition.require(order.version)
            try OrderAccess.requireEditable(order)
            return patch.apply(to: &order).map { .content($0) }
        }
        return Answer(order, metadata: AnswerMetadata(version: order.version))
    }
}
