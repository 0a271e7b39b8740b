import Contracts
import Logging
import Messaging
import Primitives
import ServiceKit
import Synchronization

/// Finds orders without a room, and makes it: what `orders.event.created` does at once, even when NATS has lost it.
///
/// The first comparison goes through every order; later ones begin some way before where the last one ended, for orders
/// that were being written then. By their numbers: a clock that is ahead at one who places orders must not carry the
/// comparison past those of the others.
final class RoomReconciler: Sendable {
    /// More orders than are being written at one moment.
    private static let lookBack = 10_000

    private let store: ChatStore
    private let bus: MessageBus
    private let logger: Logger
    /// The highest number seen by the comparison before.
    private let position = Mutex(0)

    init(store: ChatStore, bus: MessageBus, logger: Logger) {
        self.store = store
        self.bus = bus
        self.logger = logger
    }

    func reconcile() async throws {
        var after = max(0, position.withLock { $0 } - Self.lookBack)
        var missing = 0
        while true {
            let page = try await bus.call(Orders.Facts(afterNumber: after), context: .background())
            // A neighbour of an older version does not know the parameter and begins anew each time.
            guard let last = page.items.last, last.number > after else { break }
            missing += try await store.makeRooms(of: page.items.filter { Reconciliation.isDue($0.createdAt) })
            after = last.number
            let seen = last.number
            position.withLock { $0 = max($0, seen) }
            if page.nextCursor == nil { break }
        }
        if missing > 0 { logger.notice("rooms made by reconciliation", metadata: ["count": "\(missing)"]) }
    }
}
