import Contracts
import Postgres

/// `chat.event.room-closed`: the order of a closed room moves on. A repeat finds the order moved already and changes
/// nothing.
enum ApplyRoomClosed {
    static func apply(_ event: Chat.RoomClosed, outbox: Outbox, _ session: Session) throws {
        try OrderStore.change(event.orderId, by: event.closedBy, context: nil, outbox: outbox, session) { order in
            guard order.status == .review else { return nil }
            order.status = .processing
            return .status
        }
    }
}
