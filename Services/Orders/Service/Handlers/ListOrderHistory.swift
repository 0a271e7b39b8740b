import Contracts
import Messaging

/// `orders.history`: an order's audit timeline, oldest first.
struct ListOrderHistory: Sendable {
    let store: OrderStore

    func handle(_ request: Orders.History, _ context: CallContext) async throws -> Answer<Page<OrderHistoryEntry>> {
        let caller = try context.requireCaller()
        var query = QueryReader(request.query)
        let limit = query.limit(Orders.History.parameters.limit)
        try query.finish()
        let after = try query.cursor(Orders.History.parameters.cursor, as: HistoryPosition.self)
        let order = try await store.order(request.orderID, for: context)
        try OrderAccess.requireRead(caller, owner: order.owner)
        let found = try await store.history(request.orderID, after: after?.position ?? 0, limit: limit + 1)
        return .page(of: found, limit: limit, item: \.entry) { HistoryPosition(position: $0.position) }
    }
}

/// The place of an entry in the audit timeline.
private struct HistoryPosition: CursorPosition {
    var position: Int

    var words: [String] { [String(position)] }

    init(position: Int) { self.position = position }

    init?(words: [String]) {
        guard words.count == 1, let position = Int(words[0]), position > 0 else { return nil }
        self.position = position
    }
}
