package import Messaging
package import Primitives

extension Auth {
    /// Turns the caller's second factor on.
    package struct ConfirmTOTP: RelayedRequest, Equatable {
        package typealias Reply = RecoveryCodes
        package static let subject = "auth.confirm-totp"
        package static let timeout: Duration = .seconds(15)

        package struct Input: InputFields {
            package static let about = "What shows that your authenticator has the secret."

            package let code = AccountFields.code
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
