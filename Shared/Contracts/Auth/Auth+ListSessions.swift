import Messaging
package import Primitives

extension Auth {
    /// The caller's live sessions.
    package struct ListSessions: ServiceRequest, Equatable {
        package typealias Reply = SessionList
        package static let subject = "auth.list-sessions"

        package init() {}

        package init(json: JSON) {}

        package func write(to writer: inout JSONWriter) {
            writer.object { _ in }
        }
    }
}
