import Contracts
import Messaging

/// `orders.set-status`: moves an order by hand; for Admins.
struct SetOrderStatus: Sendable {
    let store: OrderStore

    func handle(_ request: Orders.SetStatus, _ context: CallContext) async throws -> Answer<Order> {
        let admin = try context.requireAdmin()
        let wanted = try StatusChange(body: request.body).status
        let condition = VersionCondition(ifMatch: request.ifMatch)
        let order = try await store.change(request.orderID, by: Participant(admin), context: context) { order in
            try order.set(wanted, by: admin.role, if: condition)
            return .status
        }
        return Answer(order, metadata: AnswerMetadata(version: order.version))
    }
}
