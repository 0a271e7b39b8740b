import Messaging
package import Primitives

extension Auth {
    /// One account; for Admins.
    package struct GetUser: ServiceRequest, Equatable {
        package typealias Reply = User
        package static let subject = "auth.get-user"

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
