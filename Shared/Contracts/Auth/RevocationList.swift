package import Primitives

/// What gateways must refuse although the signature is good.
package struct RevocationList: JSONCodable, Sendable, Equatable {
    /// Sessions that ended while an access token of theirs may still be alive.
    package var sessions: [Identifier]
    /// Accounts changed within the life of an access token.
    package var users: [Auth.UserChanged]
    /// The place of this page, to be asked for the next one; `nil` on the last.
    package var next: String?

    package init(sessions: [Identifier], users: [Auth.UserChanged], next: String? = nil) {
        self.sessions = sessions
        self.users = users
        self.next = next
    }

    package init(json: JSON) throws(JSONMismatch) {
        sessions = try json.get("sessions")
        users = try json.get("users")
        next = try json.get("next")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("sessions", sessions)
            $0.field("users", users)
            $0.fieldIfPresent("next", next)
        }
    }
}
