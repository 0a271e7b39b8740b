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
        response.headers.append(contentsOf: clearing(request, siteData: "cookies"))
        return response
    }

    /// What `Set-Cookie` says to keep a token.
    func set(_ signedIn: SignedIn, for request: GatewayRequest) -> HTTPFields {
        let isSecure = request.isSecure
        var headers = HTTPFields.settingAuthCookie(
            isSecure ? Self.secureName : Self.name, signedIn.refreshToken, maxAge: signedIn.refreshExpiresIn,
            isSecure: isSecure)
        if isSecure, !request.cookies(Self.name).isEmpty {
            headers.append(contentsOf: HTTPFields.settingAuthCookie(Self.name, "", maxAge: 0, isSecure: true))
        }
        return headers
    }

    /// What clears the cookie under both names when its session is over, and what pages of this origin have stored of
    /// whoever was signed in. The device's cookie stays, as do those of neighbours in the domain.
    func cleared(for request: GatewayRequest) -> HTTPFields { clearing(request, siteData: "storage") }

    /// - Parameter siteData: what else goes (the W3C's Clear Site Data). `cookies` takes all of the domain with it: also one
    ///   of the name that was set for another path or domain, which nobody here can name.
    private func clearing(_ request: GatewayRequest, siteData: String) -> HTTPFields {
        var headers = HTTPFields.settingAuthCookie(Self.name, "", maxAge: 0, isSecure: request.isSecure)
        headers.append(contentsOf: HTTPFields.settingAuthCookie(Self.secureName, "", maxAge: 0, isSecure: true))
        headers[.clearSiteData] = "\"\(siteData)\""
        return headers
    }
}

extension HTTPFields {
    /// The `Set-Cookie` of a cookie that only identity's routes get to see, and no script and no other site.
    /// - Parameter maxAge: in seconds; 0 clears it.
    static func settingAuthCookie(_ name: String, _ value: String, maxAge: Int, isSecure: Bool) -> HTTPFields {
        let secure = isSecure ? "; Secure" : ""
        let text = "\(name)=\(value); Max-Age=\(maxAge); Path=/api/v1/auth; HttpOnly; SameSite=Strict\(secure)"
        return HTTPFields([HTTPField(name: .setCookie, value: text)])
    }
}

extension HTTPField.Name {
    fileprivate static let clearSiteData = HTTPField.Name("Clear-Site-Data") ?? .server
}
