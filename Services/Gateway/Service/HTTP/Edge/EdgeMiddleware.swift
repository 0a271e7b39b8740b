import HTTPTypes
import Hummingbird
import Messaging
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
    /// `nil` where clients are not limited.
    let limiter: RateLimiter?

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
            } catch let failure as CountedFailure {
                response = problems.response(to: failure.error, request, context)
                failure.standing.add(to: &response.headers)
            } catch {
                response = uncounted(error, request, context)
            }
        }
        complete(
            &response.head, to: request.head, context.requestID, isSecure: context.isSecure,
            route: context.endpointPath, since: start)
        return response
    }

    /// The answer to what has failed without being counted. What no route has taken up counts as asked by nobody, like a
    /// route that is for anyone.
    private func uncounted(_ error: any Error, _ request: Request, _ context: GatewayContext) -> Response {
        let isUnrouted = error is MethodNotAllowed || (error as? any HTTPResponseError)?.status == .notFound
        guard isUnrouted, let standing = limiter?.take(.anonymous, from: context.client) else {
            return problems.response(to: error, request, context)
        }
        var told = error
        do throws(ServiceError) { try standing.require() } catch { told = error }
        var response = problems.response(to: told, request, context)
        standing.add(to: &response.headers)
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
