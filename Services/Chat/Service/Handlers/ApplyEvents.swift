import Contracts
import Postgres

/// `orders.event.created`: the order's room. A repeat, or a room made on first use, changes nothing.
enum ApplyOrderCreated {
    static func apply(_ event: Orders.Created, _ session: Session) throws {
        let order = event.order
        let facts = OrderFacts(
            orderId: order.id, number: order.number, owner: order.owner, createdAt: order.createdAt)
        try ChatStore.makeRooms(of: [facts], session)
    }
}

/// `auth.event.user-changed`: the name under which a user's messages are shown.
enum ApplyUserChanged {
    static func apply(_ event: Auth.UserChanged, _ session: Session) throws {
        try session.execute(People.update(event.userId, name: event.name, version: event.version))
    }
}
