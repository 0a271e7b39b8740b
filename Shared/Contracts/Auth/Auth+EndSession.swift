package import Messaging
package import Primitives

extension Auth {
    /// Ends one of the caller's sessions.
    package struct EndSession: ServiceRequest, Equatable {
        package typealias Reply = Nothing
        package static let subject = "auth.end-session"

        package var sessionId: Identifier

        package init(sessionId: Identifier) {
            self.sessionId = sessionId
        }

        package init(json: JSON) throws(JSONMismatch) {
            sessionId = try json.get("sessionId")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("sessionId", sessionId)
            }
        }
    }
}
