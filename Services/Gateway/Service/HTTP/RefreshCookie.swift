import Contracts
import HTTPTypes
import Hummingbird
import Messaging
import Primitives

/// The cookie that carries the refresh token (RFC 6265, and the prefixes of its revision).
struct RefreshCookie: Sendable {
    /// Over HTTP.
    static let name = "refreshToken"
    /// Over HTTPS: browsers take a cookie of such a name over HTTPS only, so nobody on the way can put another one in its
    /// place. `__Host-`, which would keep out neighbours of the domain as well, goes with `Path=/` only.
    static let secureName = "__Secure-refreshToken"

    let origins: OriginPolicy

    /// What a request has of it.
    enum Presence: Equatable {
        case absent
        case token(String)
        /// Two of the name, of which one was put there by somebody else.
        case ambiguous
    }

    /// - Throws: `forbidden` for a page of a site that may not use the gateway, which the browser should not have let send
    ///   the cookie.
    func presence(in request: GatewayRequest) throws(ServiceError) -> Presence {
        let secure = request.isSecure ? request.cookies(Self.secureName) : []
        // A client that signed in before there was the other name.
        let values = secure.isEmpty ? request.cookies(Self.name) : secure
        guard let value = values.first else { return .absent }
        let isOwn = origins.admits(
            origin: request.head.headerFields[.origin], scheme: request.isSecure ? "https" : "http",
            host: request.head.authority)
        guard isOwn else {
            throw ServiceError(.forbidden, "The refresh cookie may not be used from this site.")
        }
        return values.count == 1 ? .token(value) : .ambiguous
    }

    /// The answer to two of them. Both are cleared: whichever is the right one, the other would be in the way for ever.
    func refusal(of request: GatewayRequest) -> Response {
        let error = ServiceError(.invalidRefreshToken, "There were two refresh cookies: sign in again.")
        var response = Problem(error: error, requestID: request.context.requestID, instance: request.uri.path).response
        response.headers.append(contentsOf: cleared(for: request))
        return response
    }

    /// What `Set-Cookie` says to keep a token.
    func set(_ signedIn: SignedIn, for request: GatewayRequest) -> HTTPFields {
        let isSecure = request.isSecure
        var headers = Self.field(
            isSecure ? Self.secureName : Self.name, signedIn.refreshToken, signedIn.refreshExpiresIn, isSecure)
        if isSecure, !request.cookies(Self.name).isEmpty {
            headers.append(contentsOf: Self.field(Self.name, "", 0, true))
        }
        return headers
    }

    /// What clears the cookie under both names, and whatever else of the name stands beside it, which nobody here can name:
    /// one of another path or domain would be in the way of every refresh.
    func cleared(for request: GatewayRequest) -> HTTPFields {
        var headers = Self.field(Self.name, "", 0, request.isSecure)
        headers.append(contentsOf: Self.field(Self.secureName, "", 0, true))
        headers[.clearSiteData] = "\"cookies\""
        return headers
    }

    private static func field(_ name: String, _ value: String, _ maxAge: Int, _ isSecure: Bool) -> HTTPFields {
        let secure = isSecure ? "; Secure" : ""
        let text = "\(name)=\(value); Max-Age=\(maxAge); Path=/api/v1/auth; HttpOnly; SameSite=Strict\(secure)"
        return HTTPFields([HTTPField(name: .setCookie, value: text)])
    }
}

extension HTTPField.Name {
    fileprivate static let clearSiteData = HTTPField.Name("Clear-Site-Data") ?? .server
}
