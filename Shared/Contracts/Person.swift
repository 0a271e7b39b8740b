package import Messaging
package import Primitives

/// A user as others see one: `{id, name}`.
package struct Person: DescribedObject, Sendable, Equatable {
    package var id: Identifier
    package var name: String

    package init(id: Identifier, name: String) {
        self.id = id
        self.name = name
    }

    package static let about = "A user as others see one."

    package static let example = Person(id: Examples.owner, name: "Olga Owner")

    package static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("id", &object.id, "The account.")
        try list.member("name", &object.name, "As it is now; `Deleted user` when the account is gone.")
    }
}

/// A user in the role in which something was done: `{id, name, role}`.
package struct Participant: DescribedObject, Sendable, Equatable {
    package var id: Identifier
    package var name: String
    package var role: Role

    package init(id: Identifier, name: String, role: Role) {
        self.id = id
        self.name = name
        self.role = role
    }

    /// The caller, under the name in the token.
    package init(_ caller: Caller) { self.init(id: caller.userID, name: caller.name, role: caller.role) }

    package static let about = "A user in the role in which something was done."

    package static let example = Participant(id: Examples.admin, name: "Ada Admin", role: .admin)

    package static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("id", &object.id, "The account.")
        try list.member("name", &object.name, "As it is now; `Deleted user` when the account is gone.")
        try list.member("role", &object.role, "The role at that time.")
    }
}
