package import Messaging
package import Primitives

extension Auth {
    /// Changes the caller's password and ends all other sessions.
    package struct ChangePassword: RelayedRequest, Equatable {
        package typealias Reply = Nothing
        package static let subject = "auth.change-password"
        package static let timeout: Duration = .seconds(15)

        package struct Input: InputFields {
            package static let about = "The password, and the next one."

            package let currentPassword = AccountFields.presentedPassword("currentPassword")
            package let newPassword = AccountFields.newPassword
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
