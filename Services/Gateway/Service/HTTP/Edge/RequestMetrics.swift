import Hummingbird
import Metrics

/// Counts requests and how long they take, by method, route and status.
struct RequestMetricsMiddleware: RouterMiddleware {
    typealias Context = GatewayContext

    func handle(
        _ request: Request, context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        // The route's pattern, never the path: labels must be few.
        let dimensions = [
            ("method", request.method.rawValue), ("route", context.endpointPath ?? "none"),
            ("status", String(response.status.code)),
        ]
        Metrics.Timer(label: "orderline_http_request_seconds", dimensions: dimensions).record(
            duration: ContinuousClock.now - start)
        return response
    }
}
