package import Messaging
package import Primitives

extension Auth {
    /// Exchanges a refresh token for a new pair.
    package struct Refresh: RelayedRequest, Equatable {
        package typealias Reply = SignedIn
        package static let subject = "auth.refresh"

        package struct Input: InputFields {
            package static let about = "The refresh token, where it is not in the cookie."

            package let refreshToken = AccountFields.refreshToken
        }

        package static let input = Input()

        /// The token of the cookie; with it the body is not looked at.
        package var cookie: String?
        /// The client's JSON, unread.
        package var body: [UInt8]

        package init(cookie: String? = nil, body: [UInt8]) {
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
