package import Messaging
package import Primitives

/// A user as others see one: `{id, name}`.
package struct Person: JSONCodable, Sendable, Equatable {
    package var id: Identifier
    package var name: String

    package init(id: Identifier, name: String) {
        self.id = id
        self.name = name
    }

    package init(json: JSON) throws(JSONMismatch) {
        id = try json.get("id")
        name = try json.get("name")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("id", id)
            $0.field("name", name)
        }
    }
}

/// A user in the role in which something was done: `{id, name, role}`.
package struct Participant: JSONCodable, Sendable, Equatable {
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

    package init(json: JSON) throws(JSONMismatch) {
        id = try json.get("id")
        name = try json.get("name")
        role = try json.get("role")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("id", id)
            $0.field("name", name)
            $0.field("role", role)
        }
    }
}
