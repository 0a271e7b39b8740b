import Contracts
import Messaging
import Primitives

/// `orders.list`: newest first; a Regular user sees only their own.
struct ListOrders: Sendable {
    let store: OrderStore

    func handle(_ request: Orders.List, _ context: CallContext) async throws -> Answer<Page<Order>> {
        let caller = try context.requireCaller()
        var query = QueryReader(request.query)
        let fields = Orders.List.parameters
        let limit = query.limit(fields.limit)
        let asked = query.identifier(fields.owner)
        var filter = OrderFilter()
        filter.status = query.choice(fields.status)
        filter.search = query.search(fields.search)
        filter.from = query.timestamp(fields.from)
        filter.to = query.timestamp(fields.to)
        if !caller.isAdmin, request.query.values[fields.owner.name] != nil {
            throw ServiceError(.forbidden, "Only Admins may choose an owner.")
        }
        try query.finish()
        filter.ownerID = caller.isAdmin ? asked : caller.userID
        let found = try await store.orders(
            filter, after: try query.cursor(fields.cursor, as: Identifier.self), limit: limit + 1)
        return .page(of: found, limit: limit, position: \.id)
    }
}
