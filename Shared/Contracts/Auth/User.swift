package import Messaging
package import Primitives

/// An account as its holder and Admins see it.
package struct User: JSONCodable, Sendable, Equatable {
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

    package init(json: JSON) throws(JSONMismatch) {
        id = try json.get("id")
        name = try json.get("name")
        email = try json.get("email")
        role = try json.get("role")
        disabled = try json.get("disabled")
        createdAt = try json.get("createdAt")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("id", id)
            $0.field("name", name)
            $0.field("email", email)
            $0.field("role", role)
            $0.field("disabled", disabled)
            $0.field("createdAt", createdAt)
        }
    }
}
