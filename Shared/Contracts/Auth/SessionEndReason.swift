package import Primitives

/// Why a session's sockets are told that it is over.
package enum SessionEndReason: String, Sendable, CaseIterable {
    case expired
    case loggedOut = "logged-out"
    case revoked
    case roleChanged = "role-changed"
    case disabled
}

extension SessionEndReason: JSONCodable {
    package init(json: JSON) throws(JSONMismatch) {
        guard let text = json.string, let reason = SessionEndReason(rawValue: text) else {
            throw JSONMismatch(expected: "a reason")
        }
        self = reason
    }

    package func write(to writer: inout JSONWriter) { writer.string(rawValue) }
}
