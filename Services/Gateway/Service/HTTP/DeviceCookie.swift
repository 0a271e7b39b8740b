import HTTPTypes

/// The cookie by which a device that signed in before is known again, so that guesses of strangers do not count against
/// it. It opens nothing.
enum DeviceCookie {
    private static let name = "device"
    /// Half a year after the last sign-in, in seconds.
    private static let age = 180 * 86_400

    /// Over HTTPS it can come from nobody else: a page of a neighbouring name cannot set one with this prefix over HTTP.
    private static func name(_ request: GatewayRequest) -> String {
        request.isSecure ? "__Secure-\(name)" : name
    }

    /// What the request has of it; the first where there are several.
    static func token(in request: GatewayRequest) -> String? { request.cookies(name(request)).first }

    /// What `Set-Cookie` says to keep a token.
    static func set(_ token: String, for request: GatewayRequest) -> HTTPFields {
        .settingAuthCookie(name(request), token, maxAge: age, isSecure: request.isSecure)
    }
}
