import Messaging
package import Primitives

extension Auth {
    /// The caller's own account.
    package struct GetMe: ServiceRequest, Equatable {
        package typealias Reply = User
        package static let subject = "auth.get-me"

        /// The caller says whose account.
        package init() {}

        package init(json: JSON) {}

        package func write(to writer: inout JSONWriter) {
            writer.object { _ in }
        }
    }
}
