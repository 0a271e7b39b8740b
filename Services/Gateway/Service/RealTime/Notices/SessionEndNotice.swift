import Contracts
import Primitives

/// A session is over.
struct SessionEndNotice: DescribedObject, Sendable, Equatable {
    var reason: SessionEndReason

    static let about = "The session is over: the socket is closed behind this."

    static let example = SessionEndNotice(reason: .loggedOut)

    static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("reason", &object.reason, "Why.")
    }
}
