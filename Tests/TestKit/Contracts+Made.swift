package import Contracts
package import Messaging
package import Primitives

extension Person {
    package init(_ caller: Caller) { self.init(id: caller.userID, name: caller.name) }
}

extension Order {
    /// An order as it is placed, of somebody new if nothing else is said.
    package static func made(
        id: Identifier = .make(), number: Int = 1000, of owner: Caller = .regular(), status: OrderStatus = .review
    ) -> Order {
        Order(
            id: id, number: number, description: "d", specifications: .string("s"), quantity: 1, metadata: .null,
            status: status, version: 1, owner: Person(owner), createdAt: id.time, updatedAt: id.time)
    }
}

extension OrderFacts {
    package static func made(
        _ id: Identifier = .make(), number: Int = 1000, of owner: Caller = .regular()
    ) -> OrderFacts {
        OrderFacts(orderID: id, number: number, owner: Person(owner), createdAt: id.time)
    }
}

extension Message {
    /// A text.
    package static func made(
        _ content: String = "hi", in room: Identifier, seq: Int = 1, by sender: Caller,
        clientMessageID: Identifier? = nil
    ) -> Message {
        Message(
            id: .make(), orderID: room, seq: seq, kind: .text, sender: Participant(sender), content: content,
            clientMessageID: clientMessageID, createdAt: .now())
    }
}

extension Room {
    /// A room as the owner of its order has it.
    package static func made(
        _ id: Identifier = .make(), of owner: Caller = .regular(), isOpen: Bool = true, last: Message? = nil
    ) -> Room {
        Room(
            orderID: id, owner: Person(owner), isOpen: isOpen, lastSeq: last?.seq ?? 0, unread: 0, lastMessage: last,
            createdAt: id.time)
    }
}
