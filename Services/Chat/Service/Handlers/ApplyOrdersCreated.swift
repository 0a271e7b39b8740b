import Contracts

/// `orders.event.created`: the orders' rooms. A repeat, or a room made on first use, changes nothing.
enum ApplyOrdersCreated {
    static func apply(_ events: [Orders.Created], _ rooms: RoomTransaction) throws {
        let facts = events.map(\.order).map { order in
            OrderFacts(orderID: order.id, number: order.number, owner: order.owner, createdAt: order.createdAt)
        }
        try rooms.make(of: facts)
    }
}
