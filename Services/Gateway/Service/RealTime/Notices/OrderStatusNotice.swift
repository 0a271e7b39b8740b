import Contracts
import Messaging
import Primitives

/// An order has moved to another status.
struct OrderStatusNotice: DescribedObject, Sendable, Equatable {
    var orderID: Identifier
    var number: Int
    var from: OrderStatus
    var to: OrderStatus
    var version: Int
    var at: Timestamp

    static let about = "An order has moved to another status."

    static let example = OrderStatusNotice(
        orderID: Examples.order, number: 1042, from: .review, to: .processing, version: 2, at: Examples.time)

    static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("orderId", &object.orderID, "The order.")
        try list.member("number", &object.number, "Its number.")
        try list.member("from", &object.from, "The status before.")
        try list.member("to", &object.to, "The status after.")
        try list.member("version", &object.version, "Of the order after the move: compare it with what you have.")
        try list.member("at", &object.at, "When.")
    }
}

extension OrderStatusNotice {
    init(_ change: Orders.StatusChanged) {
        self.init(
            orderID: change.orderID, number: change.number, from: change.from, to: change.to, version: change.version,
            at: change.at)
    }
}
