import Contracts
import Messaging
import Primitives

/// `orders.list`: newest first; a Regular user sees only their own.
struct ListOrders: Sendable {
    let store: OrderStore

    func handle(_ request: Orders.List, _ context: CallContext) async throws -> Answer<Page<Order>> {
        let caller = try context.requireCaller()
        var query = QueryReader(request.query)
        let limit = query.limit()
        let asked = query.identifier("ownerId")
        var filter = OrderFilter()
        filter.status = query.choice("status", OrderStatus.self)
        filter.search = query.search()
        filter.from = query.timestamp("from")
        filter.to = query.timestamp("to")
        if !caller.isAdmin, request.query.values["ownerId"] != nil {
            throw ServiceError(.forbidden, "Only Admins may choose an owner.")
        }
        try query.finish()
        filter.ownerID = caller.isAdmin ? asked : caller.userID
        let found = try await store.orders(filter, after: try query.cursor(Identifier.self), limit: limit + 1)
        return .page(of: found, limit: limit, position: \.id)
    }
}
