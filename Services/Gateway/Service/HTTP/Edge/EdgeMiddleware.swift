import HTTPTypes
import Hummingbird
import NIOCore
import Primitives

/// What happens to every request before its route is looked for and to every response before it leaves: an id, a
/// measurement, the headers that browsers go by, and a problem in place of whatever went wrong.
///
/// One middleware and not one for each: every layer of a chain is a call through closures and a copy of the request.
struct EdgeMiddleware: RouterMiddleware {
    typealias Context = GatewayContext

    let crossOrigin: CrossOrigin
    let problems: ProblemResponder
    let metrics: RequestMetrics
    let proxies: TrustedProxies
    let scheme: ClientScheme

    func handle(
        _ request: Request, context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        context.requestID = ClientRequestID.acceptable(request.headers[.requestID]) ?? Identifier.make().description
        let peer = context.channel.remoteAddress
        context.client = proxies.client(peer: peer, headers: request.headers)
        context.isSecure = scheme.isHTTPS(peer: peer, headers: request.headers)
        var response: Response
        if let preflight = crossOrigin.preflight(request) {
            response = preflight
        } else {
            do {
                guard RouteTable.isExact(request.uri.path) else { throw HTTPError(.notFound) }
                response = try await next(request, context)
            } catch {
                response = problems.response(to: error, request, context)
            }
        }
        complete(
            &response.head, to: request.head, context.requestID, isSecure: context.isSecure,
            route: context.endpointPath, since: start)
        return response
    }

    /// What every response has before it leaves, be it that no router has made it.
    func complete(
        _ response: inout HTTPResponse, to request: HTTPRequest, _ requestID: String, isSecure: Bool,
        route: String?, since start: ContinuousClock.Instant
    ) {
        SecurityHeaders.add(to: &response.headerFields, isSecure: isSecure)
        crossOrigin.add(to: &response.headerFields, for: request.headerFields)
        response.headerFields.append(HTTPField(name: .requestID, value: requestID))
        metrics.record(ContinuousClock.now - start, request.method, response.status, route: route)
    }
}
