import Primitives

/// Why a session's sockets are told that it is over.
package enum SessionEndReason: String, DescribedWord {
    package static let about = "Why a session is over."

    case expired
    case loggedOut = "logged-out"
    case revoked
    case roleChanged = "role-changed"
    case disabled
}
