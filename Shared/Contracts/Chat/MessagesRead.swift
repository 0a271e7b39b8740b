package import Primitives

/// A user has read a room up to `seq`.
package struct MessagesRead: DescribedObject, Sendable, Equatable {
    package var orderID: Identifier
    package var userID: Identifier
    package var seq: Int

    package init(
        orderID: Identifier, userID: Identifier, seq: Int
    ) {
        self.orderID = orderID
        self.userID = userID
        self.seq = seq
    }

    package static let about = "A user has read a room up to a place."

    package static let example = MessagesRead(orderID: Examples.order, userID: Examples.owner, seq: 1)

    package static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("orderId", &object.orderID, "The room.")
        try list.member("userId", &object.userID, "Who has read.")
        try list.member("seq", &object.seq, "Up to this message.", as: .integer(0...Int(Int32.max)))
    }
}
