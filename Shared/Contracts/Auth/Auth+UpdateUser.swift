package import Messaging
package import Primitives

extension Auth {
    /// Changes an account's role or disables it; for Admins.
    package struct UpdateUser: RelayedRequest, Equatable {
        package typealias Reply = User
        package static let subject = "auth.update-user"

        package struct Input: InputFields {
            package static let about = "The fields to change; the others stay."

            package let role = InputField.word("role", "What the account may do from now on.", example: Role.admin)
                .omittable
            package let disabled = InputField.boolean(
                "disabled", "Whether the account may not sign in.", example: false
            ).omittable

            package var atLeastOneOf: [String] { ["role", "disabled"] }
        }

        package static let input = Input()

        package var userID: Identifier
        /// The client's JSON, unread.
        package var body: [UInt8]

        package init(userID: Identifier, body: [UInt8]) {
            self.userID = userID
            self.body = body
        }

        package init(json: JSON) throws(JSONMismatch) {
            userID = try json.get("userId")
            body = []
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("userId", userID)
            }
        }
    }
}
