package import Messaging
package import Primitives

extension Auth {
    /// Disables an account and erases what is personal; for Admins.
    package struct DeleteUser: ServiceRequest, Equatable {
        package typealias Reply = Nothing
        package static let subject = "auth.delete-user"

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
