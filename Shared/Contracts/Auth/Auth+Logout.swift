package import Messaging
package import Primitives

extension Auth {
    /// Ends the caller's session, and that of a refresh token that is brought along.
    package struct Logout: RelayedRequest, Equatable {
        package typealias Reply = LoggedOut
        package static let subject = "auth.logout"

        package struct Input: InputFields {
            package static let about = "The refresh token, where it is not in the cookie."

            package let refreshToken = AccountFields.refreshToken
        }

        package static let input = Input()

        /// The token of the cookie; with it the body is not looked at.
        package var cookie: String?
        /// The client's JSON, unread.
        package var body: [UInt8]

        package init(cookie: String? = nil, body: [UInt8] = []) {
            self.cookie = cookie
            self.body = body
        }

        package init(json: JSON) throws(JSONMismatch) {
            cookie = try json.get("cookie")
            body = []
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.fieldIfPresent("cookie", cookie)
            }
        }
    }
}

/// Which sessions a log-out was about.
package struct LoggedOut: JSONCodable, Sendable, Equatable {
    /// They are over now; the version before does not say.
    package var sessions: [Identifier]

    package init(sessions: [Identifier]) {
        self.sessions = sessions
    }

    package init(json: JSON) throws(JSONMismatch) {
        sessions = try json.get("sessions", as: [Identifier]?.self) ?? []
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("sessions", sessions)
        }
    }
}
