import Contracts
import Messaging

/// `orders.stats`: how many orders there are in each status; for Admins.
struct CountOrders: Sendable {
    let store: OrderStore

    func handle(_ request: Orders.Stats, _ context: CallContext) async throws -> Answer<OrderStats> {
        _ = try context.requireAdmin()
        return Answer(try await store.stats())
    }
}
