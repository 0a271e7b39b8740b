import Contracts
import Logging
import Messaging
import Primitives
import Synchronization

/// Finds orders without a room, and makes it: what `orders.event.created` does at once, even when NATS has lost it.
///
/// The first comparison goes through every order; later ones begin where the last but one ended, for orders that were
/// being written then.
final class OrderReconciler: Sendable {
    private let store: ChatStore
    private let bus: MessageBus
    private let logger: Logger
    /// The last order seen by the comparison before.
    private let position = Mutex<Identifier?>(nil)

    init(store: ChatStore, bus: MessageBus, logger: Logger) {
        self.store = store
        self.bus = bus
        self.logger = logger
    }

    func reconcile() async throws {
        var after = position.withLock { $0 }.map { Self.start(before: $0) }
        var missing = 0
        while true {
            let page = try await bus.call(Orders.Facts(after: after), context: .background())
            guard let last = page.items.last else { break }
            // The event may only be slow: it has a little time before somebody else does its work.
            missing += try await store.makeRooms(of: page.items.filter { $0.createdAt.advanced(bySeconds: 5) < .now() })
            after = last.orderId
            let seen = last.orderId
            position.withLock { $0 = seen }
            if page.nextCursor == nil { break }
        }
        if missing > 0 { logger.notice("rooms made by reconciliation", metadata: ["count": "\(missing)"]) }
    }

    /// Ten minutes before an order: longer than any transaction that was open then, and than clocks differ.
    private static func start(before id: Identifier) -> Identifier {
        Identifier(high: UInt64(max(0, id.time.milliseconds - 600_000)) << 16, low: 0)
    }
}
