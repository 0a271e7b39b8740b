package import Messaging
package import Primitives

extension Auth {
    /// Ends all sessions of an account; for Admins.
    package struct EndUserSessions: ServiceRequest, Equatable {
        package typealias Reply = Nothing
        package static let subject = "auth.end-user-sessions"

        package var userID: Identifier

        package init(userID: Identifier) {
            self.userID = userID
        }

        package init(json: JSON) throws(JSONMismatch) {
            userID = try json.get("userId")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("userId", userID)
            }
        }
    }
}
