package import Messaging
package import Primitives

extension Auth {
    /// Turns the caller's second factor off.
    package struct RemoveTOTP: RelayedRequest, Equatable {
        package typealias Reply = Nothing
        package static let subject = "auth.remove-totp"
        package static let timeout: Duration = .seconds(15)

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
