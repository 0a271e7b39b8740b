import Contracts

/// `chat.event.room-closed`: the order of a closed room moves on. A repeat finds the order moved already and changes
/// nothing.
enum ApplyRoomClosed {
    /// - Returns: whether the order moved by this.
    @discardableResult
    static func apply(_ event: Chat.RoomClosed, _ orders: OrderTransaction) throws -> Bool {
        var moved = false
        try orders.change(event.orderID, by: event.closedBy, context: nil) { order in
            moved = order.roomClosed()
            return moved ? .status : nil
        }
        return moved
    }
}
