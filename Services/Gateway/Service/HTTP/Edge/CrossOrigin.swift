import HTTPTypes
import Hummingbird

/// Lets front ends of the configured origins in (the Fetch standard's CORS protocol); others get an answer that their
/// browser withholds.
struct CrossOrigin: Sendable {
    let origins: OriginPolicy

    private static let exposed =
        "ETag, Location, Retry-After, X-Request-Id, RateLimit, RateLimit-Policy, Idempotency-Replayed"
    private static let methods = "GET, HEAD, POST, PATCH, DELETE"
    /// What clients set, and what tracing libraries add to their requests by themselves.
    private static let requestHeaders =
        "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id, "
        + "traceparent, tracestate, baggage, sentry-trace"

    /// The names of all that a response may get here, for documents.
    static let names = [
        HTTPField.Name.accessControlAllowOrigin, .accessControlAllowCredentials, .accessControlExposeHeaders,
        .accessControlAllowMethods, .accessControlAllowHeaders, .accessControlMaxAge,
    ].map(\.rawName)

    /// The answer to a browser that asks whether it may ask; `nil` for any other request.
    func preflight(_ request: Request) -> Response? {
        guard request.method == .options, let origin = request.headers[.origin],
            request.headers[.accessControlRequestMethod] != nil
        else { return nil }
        var response = Response(status: .noContent)
        if origins.isListed(origin) {
            response.headers[.accessControlAllowMethods] = Self.methods
            response.headers[.accessControlAllowHeaders] = Self.requestHeaders
            response.headers[.accessControlMaxAge] = "600"
        }
        return response
    }

    /// Marks the response to a request from another site.
    ///
    /// - Parameter asked: the fields of the request, as far as they could be read.
    func add(to headers: inout HTTPFields, for asked: HTTPFields) {
        guard let origin = asked[.origin] else { return }
        headers[.vary] = headers[.vary].map { "\($0), Origin" } ?? "Origin"
        guard origins.isListed(origin) else { return }
        headers[.accessControlAllowOrigin] = origin
        headers[.accessControlAllowCredentials] = "true"
        headers[.accessControlExposeHeaders] = Self.exposed
    }
}
