import Messaging
package import Primitives

extension Auth {
    /// Changes the caller's own name or e-mail; the latter with the password.
    package struct UpdateMe: RelayedRequest, Equatable {
        package typealias Reply = User
        package static let subject = "auth.update-me"
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
