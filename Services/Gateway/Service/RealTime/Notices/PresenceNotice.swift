import Contracts
import Messaging
import Primitives

/// Who is in a room.
struct PresenceNotice: DescribedObject, Sendable, Equatable {
    var orderID: Identifier
    var users: [Participant]

    static let about = "Everybody who has a socket in the room, each once: it takes the place of the list before."

    static let example = PresenceNotice(orderID: Examples.order, users: [.example])

    static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("orderId", &object.orderID, "The room.")
        try list.member("users", &object.users, "Of more than 1,000 at one gateway 1,000.")
    }
}
