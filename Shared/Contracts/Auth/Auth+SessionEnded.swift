import Messaging
package import Primitives

extension Auth {
    /// A session ended before its time.
    package struct SessionEnded: ServiceEvent, Equatable {
        package static let subject = "auth.event.session-ended"

        package var sessionId: Identifier
        package var userId: Identifier
        /// What the session's sockets are told.
        package var reason: SessionEndReason
        package var at: Timestamp

        package init(sessionId: Identifier, userId: Identifier, reason: SessionEndReason, at: Timestamp) {
            self.sessionId = sessionId
            self.userId = userId
            self.reason = reason
            self.at = at
        }

        package init(json: JSON) throws(JSONMismatch) {
            sessionId = try json.get("sessionId")
            userId = try json.get("userId")
            reason = try json.get("reason")
            at = try json.get("at")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("sessionId", sessionId)
                $0.field("userId", userId)
                $0.field("reason", reason)
                $0.field("at", at)
            }
        }
    }
}
