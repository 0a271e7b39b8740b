import Contracts
import Messaging
import Primitives

/// Who a socket is, as it is told when it has signed in.
struct SocketIdentity: DescribedObject, Sendable, Equatable {
    var user: Participant
    var sessionID: Identifier
    var expiresAt: Timestamp

    static let about = "Who the socket is from now on, and until when."

    static let example = SocketIdentity(user: .example, sessionID: Examples.session, expiresAt: Examples.time)

    static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("user", &object.user, "The account.")
        try list.member("sessionId", &object.sessionID, "With it the socket ends.")
        try list.member("expiresAt", &object.expiresAt, "Authenticate anew before then.")
    }
}
