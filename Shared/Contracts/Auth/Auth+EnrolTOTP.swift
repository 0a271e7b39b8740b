package import Messaging
package import Primitives

extension Auth {
    /// Gives the caller a secret for an authenticator.
    package struct EnrolTOTP: RelayedRequest, Equatable {
        package typealias Reply = TOTPSecret
        package static let subject = "auth.enrol-totp"
        package static let timeout: Duration = .seconds(15)

        package struct Input: InputFields {
            package static let about = "What shows that it is you."

            package let currentPassword = AccountFields.presentedPassword("currentPassword")
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
