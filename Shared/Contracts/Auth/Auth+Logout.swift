package import Messaging
package import Primitives

extension Auth {
    /// Ends the caller's session.
    package struct Logout: ServiceRequest, Equatable {
        package typealias Reply = Nothing
        package static let subject = "auth.logout"

        /// The caller says which session.
        package init() {}

        package init(json: JSON) {}

        package func write(to writer: inout JSONWriter) {
            writer.object { _ in }
        }
    }
}
