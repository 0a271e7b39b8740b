import Contracts
import Messaging
import Primitives

/// `orders.facts`: every order for the service that keeps their rooms. Not for users, so there is no caller to check.
struct ListOrderFacts: Sendable {
    let store: OrderStore

    func handle(_ request: Orders.Facts, _ context: CallContext) async throws -> Answer<Page<OrderFacts>> {
        let limit = Orders.Facts.pageSize
        let found = try await store.facts(afterNumber: request.afterNumber, limit: limit + 1)
        return .page(of: found, limit: limit, position: \.orderID)
    }
}
