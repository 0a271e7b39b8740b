package import Messaging
package import Primitives

extension Auth {
    /// An account is now as told here.
    package struct UserChanged: ServiceEvent, Equatable {
        package static let subject = "auth.event.user-changed"

        package var userID: Identifier
        /// "Deleted user" for a deleted account.
        package var name: String
        package var role: Role
        package var disabled: Bool
        /// Grows with every change of the account.
        package var version: Int
        package var at: Timestamp
        /// The sessions that ended together last; `nil` when that never happened, and from the version before.
        package var endedSessions: EndedSessions?

        package init(
            userID: Identifier, name: String, role: Role, disabled: Bool, version: Int, at: Timestamp,
            endedSessions: EndedSessions? = nil
        ) {
            self.userID = userID
            self.name = name
            self.role = role
            self.disabled = disabled
            self.version = version
            self.at = at
            self.endedSessions = endedSessions
        }

        package init(json: JSON) throws(JSONMismatch) {
            userID = try json.get("userId")
            name = try json.get("name")
            role = try json.get("role")
            disabled = try json.get("disabled")
            version = try json.get("version")
            at = try json.get("at")
            endedSessions = try json.get("endedSessions")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("userId", userID)
                $0.field("name", name)
                $0.field("role", role)
                $0.field("disabled", disabled)
                $0.field("version", version)
                $0.field("at", at)
                $0.fieldIfPresent("endedSessions", endedSessions)
            }
        }
    }
}
