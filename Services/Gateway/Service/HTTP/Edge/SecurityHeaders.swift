import HTTPTypes
import Hummingbird

/// helmet 8's default set on every response; pages and API answers differ in their content-security policy and in
/// caching.
struct SecurityHeadersMiddleware: RouterMiddleware {
    typealias Context = GatewayContext

    /// Made once: they are the same on every response.
    static let common: [(HTTPField.Name, String)] = [
        ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Origin-Agent-Cluster", "?1"),
        ("Referrer-Policy", "no-referrer"), ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
        ("X-Content-Type-Options", "nosniff"), ("X-DNS-Prefetch-Control", "off"), ("X-Download-Options", "noopen"),
        ("X-Frame-Options", "SAMEORIGIN"), ("X-Permitted-Cross-Domain-Policies", "none"), ("X-XSS-Protection", "0"),
    ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }

    static let apiPolicy = "default-src 'none'; frame-ancestors 'none'"
    private static let pagePolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    func handle(
        _ request: Request, context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for (name, value) in Self.common { response.headers[name] = value }
        let isPage = response.headers[.contentType]?.hasPrefix("text/html") ?? false
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] = isPage ? Self.pagePolicy : Self.apiPolicy
        }
        if !isPage, response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return response
    }
}
