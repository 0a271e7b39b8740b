import Contracts
import Messaging
import Primitives

/// Somebody types in a room, or not any more.
struct TypingNotice: DescribedObject, Sendable, Equatable {
    var orderID: Identifier
    var user: Participant
    var isTyping: Bool

    static let about = "Somebody types in a room, or not any more."

    static let example = TypingNotice(orderID: Examples.order, user: .example, isTyping: true)

    static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("orderId", &object.orderID, "The room.")
        try list.member("user", &object.user, "Who.")
        try list.member("isTyping", &object.isTyping, "Whether it has begun or ended.")
    }
}
