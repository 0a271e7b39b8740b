package import Messaging
package import Primitives

extension Auth {
    /// Disables an account and erases what is personal; for Admins.
    package struct DeleteUser: ServiceRequest, Equatable {
        package typealias Reply = Nothing
        package static let subject = "auth.delete-user"

        package var userId: Identifier

        package init(userId: Identifier) {
            self.userId = userId
        }

        package init(json: JSON) throws(JSONMismatch) {
            userId = try json.get("userId")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("userId", userId)
            }
        }
    }
}
