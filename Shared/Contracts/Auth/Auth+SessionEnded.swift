import Messaging
package import Primitives

extension Auth {
    /// A session ended before its time.
    package struct SessionEnded: ServiceEvent, Equatable {
        package static let subject = "auth.event.session-ended"

        package var sessionID: Identifier
        package var userID: Identifier
        /// What the session's sockets are told.
        package var reason: SessionEndReason
        package var at: Timestamp

        package init(sessionID: Identifier, userID: Identifier, reason: SessionEndReason, at: Timestamp) {
            self.sessionID = sessionID
            self.userID = userID
            self.reason = reason
            self.at = at
        }

        package init(json: JSON) throws(JSONMismatch) {
            sessionID = try json.get("sessionId")
            userID = try json.get("userId")
            reason = try json.get("reason")
            at = try json.get("at")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("sessionId", sessionID)
                $0.field("userId", userID)
                $0.field("reason", reason)
                $0.field("at", at)
            }
        }
    }
}
