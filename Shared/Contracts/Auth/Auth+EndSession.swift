package import Messaging
package import Primitives

extension Auth {
    /// Ends one of the caller's sessions.
    package struct EndSession: ServiceRequest, Equatable {
        package typealias Reply = Nothing
        package static let subject = "auth.end-session"

        package var sessionID: Identifier

        package init(sessionID: Identifier) {
            self.sessionID = sessionID
        }

        package init(json: JSON) throws(JSONMismatch) {
            sessionID = try json.get("sessionId")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("sessionId", sessionID)
            }
        }
    }
}
