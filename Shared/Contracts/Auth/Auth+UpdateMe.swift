package import Messaging
package import Primitives

extension Auth {
    /// Changes the caller's own name or e-mail; the latter with the password.
    package struct UpdateMe: RelayedRequest, Equatable {
        package typealias Reply = User
        package static let subject = "auth.update-me"
        package static let timeout: Duration = .seconds(15)

        package struct Input: InputFields {
            package static let about = "The fields to change; the others stay."

            package let name = AccountFields.name.omittable
            package let email = AccountFields.email.omittable
            package let currentPassword = AccountFields.passwordForEmail

            package var atLeastOneOf: [String] { ["name", "email"] }
        }

        package static let input = Input()

        /// The client's JSON, unread.
        package var body: [UInt8]

        package init(body: [UInt8]) {
            self.body = body
        }

        package init(json: JSON) { body = [] }

        package func write(to writer: inout JSONWriter) {
            writer.object { _ in }
        }
    }
}
