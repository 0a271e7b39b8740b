package import Contracts
package import Messaging
package import Primitives

/// An account as it is stored, without its password.
package struct Account: Sendable, Equatable {
    package var id: Identifier
    package var name: String
    /// As the user wrote it; `nil` for a deleted account.
    package var email: String?
    package var role: Role
    package var disabled: Bool
    /// Grows with every change.
    package var version: Int
    package var createdAt: Timestamp
    package var deletedAt: Timestamp?
    /// Its sessions that ended together last.
    package var endedSessions: EndedSessions?

    /// A new one: enabled, version 1.
    package init(id: Identifier, name: String, email: String, role: Role) {
        self.id = id
        self.name = name
        self.email = email
        self.role = role
        disabled = false
        version = 1
        createdAt = id.time
    }

    package init(
        id: Identifier, name: String, email: String?, role: Role, disabled: Bool, version: Int, createdAt: Timestamp,
        deletedAt: Timestamp?, endedSessions: EndedSessions? = nil
    ) {
        self.id = id
        self.name = name
        self.email = email
        self.role = role
        self.disabled = disabled
        self.version = version
        self.createdAt = createdAt
        self.deletedAt = deletedAt
        self.endedSessions = endedSessions
    }

    /// The name under which the work of a deleted account stays.
    package static let nameOfDeleted = "Deleted user"

    package var isDeleted: Bool { deletedAt != nil }

    /// Whether its holder may use it.
    package var isUsable: Bool { !disabled && !isDeleted }

    /// As its holder and Admins see it.
    package var user: User {
        User(id: id, name: name, email: email, role: role, disabled: disabled, createdAt: createdAt)
    }

    /// Takes out everything personal.
    package mutating func erase(at now: Timestamp) {
        name = Self.nameOfDeleted
        email = nil
        disabled = true
        deletedAt = now
    }

    /// What the other services are told of the account as it is now.
    package func changed(at time: Timestamp) -> Auth.UserChanged {
        Auth.UserChanged(
            userID: id, name: name, role: role, disabled: disabled, version: version, at: time,
            endedSessions: endedSessions)
    }
}
