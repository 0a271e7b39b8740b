import Contracts
import Logging
import Messaging
import Primitives
import ServiceKit

/// Finds orders that still await the closing of their room although it is closed, and moves them: what
/// `chat.event.room-closed` does at once, even when NATS has lost it.
struct OrderReconciler: Sendable {
    let store: OrderStore
    let bus: MessageBus
    let logger: Logger

    /// Compares every such order with its room.
    func reconcile() async throws {
        var after = Identifier(high: 0, low: 0)
        while true {
            let ids = try await store.awaitingClosing(after: after, limit: 500)
            guard let last = ids.last else { return }
            let facts = try await bus.call(Chat.Facts(orderIDs: ids), context: .background())
            for closed in facts.closed { try await apply(closed) }
            after = last
        }
    }

    private func apply(_ closed: Chat.RoomClosed) async throws {
        guard Reconciliation.isDue(closed.closedAt) else { return }
        let moved = try await store.inTransaction { orders in try ApplyRoomClosed.apply(closed, orders) }
        if moved { logger.notice("order moved by reconciliation", metadata: ["order.id": "\(closed.orderID)"]) }
    }
}
