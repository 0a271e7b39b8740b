import HTTPTypes
import Hummingbird

/// Lets front ends of the configured origins in (the Fetch standard's CORS protocol); others get an answer that their
/// browser withholds.
struct CrossOriginMiddleware: RouterMiddleware {
    typealias Context = GatewayContext

    let origins: OriginPolicy

    private static let exposed =
        "ETag, Location, Retry-After, X-Request-Id, RateLimit, RateLimit-Policy, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Idempotency-Replayed"
    private static let methods = "GET, HEAD, POST, PATCH, DELETE"
    private static let requestHeaders =
        "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id, traceparent"

    func handle(
        _ request: Request, context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard let origin = request.headers[.origin] else { return try await next(request, context) }
        let isListed = origins.isListed(origin)
        var response: Response
        if request.method == .options, request.headers[.accessControlRequestMethod] != nil {
            response = Response(status: .noContent)
            if isListed {
                response.headers[.accessControlAllowMethods] = Self.methods
                response.headers[.accessControlAllowHeaders] = Self.requestHeaders
                response.headers[.accessControlMaxAge] = "600"
            }
        } else {
            response = try await next(request, context)
        }
        response.headers[.vary] = "Origin"
        if isListed {
            response.headers[.accessControlAllowOrigin] = origin
            response.headers[.accessControlAllowCredentials] = "true"
            response.headers[.accessControlExposeHeaders] = Self.exposed
        }
        return response
    }
}
