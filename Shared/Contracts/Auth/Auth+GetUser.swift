import Messaging
package import Primitives

extension Auth {
    /// One account; for Admins.
    package struct GetUser: ServiceRequest, Equatable {
        package typealias Reply = User
        package static let subject = "auth.get-user"

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
