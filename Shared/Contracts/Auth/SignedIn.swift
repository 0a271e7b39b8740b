package import Primitives

/// A session begun or renewed. How the refresh token is delivered is the gateway's business.
package struct SignedIn: JSONCodable, Sendable, Equatable {
    package var user: User
    /// A signed JWT, good until it expires unless its session ends before.
    package var accessToken: String
    /// Seconds.
    package var expiresIn: Int
    /// Good once: the next one comes with its use.
    package var refreshToken: String
    /// Seconds.
    package var refreshExpiresIn: Int
    /// The client asked for the refresh token in the body, not in a cookie.
    package var deliversInBody: Bool
    /// By what the device is to be known again, for a cookie of its own; `nil` when there is to be none.
    package var deviceToken: String?

    package init(
        user: User, accessToken: String, expiresIn: Int, refreshToken: String, refreshExpiresIn: Int,
        deliversInBody: Bool, deviceToken: String? = nil
    ) {
        self.user = user
        self.accessToken = accessToken
        self.expiresIn = expiresIn
        self.refreshToken = refreshToken
        self.refreshExpiresIn = refreshExpiresIn
        self.deliversInBody = deliversInBody
        self.deviceToken = deviceToken
    }

    package init(json: JSON) throws(JSONMismatch) {
        user = try json.get("user")
        accessToken = try json.get("accessToken")
        expiresIn = try json.get("expiresIn")
        refreshToken = try json.get("refreshToken")
        refreshExpiresIn = try json.get("refreshExpiresIn")
        deliversInBody = try json.get("deliversInBody")
        deviceToken = try json.get("deviceToken")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("user", user)
            $0.field("accessToken", accessToken)
            $0.field("expiresIn", expiresIn)
            $0.field("refreshToken", refreshToken)
            $0.field("refreshExpiresIn", refreshExpiresIn)
            $0.field("deliversInBody", deliversInBody)
            $0.fieldIfPresent("deviceToken", deviceToken)
        }
    }
}
