package import Messaging
package import Primitives

/// An account as its holder and Admins see it.
package struct User: DescribedObject, Sendable, Equatable {
    package var id: Identifier
    package var name: String
    /// `nil` for a deleted account.
    package var email: String?
    package var role: Role
    package var disabled: Bool
    package var createdAt: Timestamp

    package init(
        id: Identifier, name: String, email: String? = nil, role: Role, disabled: Bool, createdAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.email = email
        self.role = role
        self.disabled = disabled
        self.createdAt = createdAt
    }

    package static let about = "An account, as its holder and Admins see it."

    package static let example = User(
        id: Examples.owner, name: "Olga Owner", email: "olga@shop.example", role: .regular, disabled: false,
        createdAt: Examples.time)

    package static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("id", &object.id, "The account.")
        try list.member("name", &object.name, "`Deleted user` when it was deleted.")
        try list.member("email", &object.email, "`null` when the account was deleted.")
        try list.member("role", &object.role, "What it may do.")
        try list.member("disabled", &object.disabled, "Whether it may not sign in.")
        try list.member("createdAt", &object.createdAt, "When it was made.")
    }
}
