import HTTPTypes
import Hummingbird
import Messaging
import NIOCore
import Primitives
import ServiceKit

/// Every route of the public interface, and the router made of it.
struct RouteTable: Sendable {
    let routes: [Route]
    /// What describes them.
    let contract: ContractRoutes
    private let authenticator: Authenticator
    private let security: SecurityLog
    /// `nil` where clients are not limited.
    private let limiter: RateLimiter?

    /// - Parameter routes: all but those of the documents that describe them.
    init(_ routes: [Route], authenticator: Authenticator, security: SecurityLog, limiter: RateLimiter?) {
        self.security = security
        self.limiter = limiter
        contract = ContractRoutes(describing: routes)
        self.routes = routes + contract.routes
        self.authenticator = authenticator
    }

    private static let methods: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .patch, .delete, .options, Self.anyOther,
    ]
    /// Stands in the router for every method that no route has, whatever its name: a router finds what it was told of.
    private static let anyOther = HTTPRequest.Method.trace

    /// Answers requests of any method by a router in which the routes are registered.
    struct Responder<Router: HTTPResponder<GatewayContext>>: HTTPResponder {
        let router: Router

        func respond(to request: Request, context: GatewayContext) async throws -> Response {
            if methods.contains(request.method) { return try await router.respond(to: request, context: context) }
            var head = request.head
            head.method = anyOther
            return try await router.respond(to: Request(head: head, body: request.body), context: context)
        }
    }

    /// Whether a path is spelled as routes are. The router passes over empty segments; proxies, whose rules stand
    /// before ours, do not (RFC 3986 §6.2.3).
    static func isExact(_ path: String) -> Bool {
        var previous: UInt8 = 0
        for byte in path.utf8 {
            if byte == UInt8(ascii: "/"), previous == byte { return false }
            previous = byte
        }
        return previous != UInt8(ascii: "/") || path == "/" || path == SocketDoors.socketIOPath
    }

    /// Registers the routes, and for every path the answer to the methods that it does not have.
    func register(on router: Router<GatewayContext>) {
        for (path, routes) in Dictionary(grouping: routes, by: \.path) {
            var present: [HTTPRequest.Method] = routes.map(\.method)
            for route in routes {
                router.on(RouterPath(path), method: route.method) { request, context in
                    try await answer(request, context, route)
                }
                if route.method == .get {
                    present.append(.head)
                    router.on(RouterPath(path), method: .head) { request, context in
                        try await answer(request, context, route).createHeadResponse()
                    }
                }
            }
            let allow = present.map(\.rawValue).sorted().joined(separator: ", ")
            for method in Self.methods where !present.contains(method) {
                router.on(RouterPath(path), method: method) { _, _ -> Response in
                    throw MethodNotAllowed(allow: allow)
                }
            }
        }
    }

    private func answer(_ request: Request, _ context: GatewayContext, _ route: Route) async throws -> Response {
        var travelling = CallContext(
            requestID: context.requestID, traceparent: TraceParent.accepted(request.headers[values: .traceparent]),
            client: context.client)
        var refusal: ServiceError?
        var standing: RateStanding?
        do {
            if route.access != .anyone {
                do throws(ServiceError) {
                    travelling.caller = try await authenticator.caller(
                        of: request.head, toEnrol: route.access != .user)
                } catch {
                    refusal = error
                }
            }
            standing = count(route, travelling, refusal)
            try standing?.require()
            if let refusal, route.access != .userOrBearer { throw refusal }
            var response = try await carryOut(request, context, route, travelling, refusal)
            standing?.add(to: &response.headers)
            return response
        } catch {
            if let error = error as? ServiceError {
                security.refused(
                    error, travelling, operation: "\(route.method) \(route.path)",
                    hasToken: request.headers[.authorization] != nil)
            }
            throw standing.map { CountedFailure(error: error, standing: $0) } ?? error
        }
    }

    /// Counts the request: of the user, once it is known who that is, and of the address before.
    ///
    /// - Parameter refusal: why it is not known.
    /// - Returns: `nil` where nothing is counted.
    private func count(_ route: Route, _ travelling: CallContext, _ refusal: ServiceError?) -> RateStanding? {
        guard let limiter, route.budget != .none, refusal?.code != .serviceUnavailable else { return nil }
        if route.budget == .signIn { return limiter.take(.signIn, from: travelling.client) }
        guard let caller = travelling.caller else { return limiter.take(.anonymous, from: travelling.client) }
        return limiter.take(route.method == .get ? .read : .write, of: caller.userID)
    }

    private func carryOut(
        _ request: Request, _ context: GatewayContext, _ route: Route, _ travelling: CallContext,
        _ refusal: ServiceError?
    ) async throws -> Response {
        let body: [UInt8]? =
            switch route.body {
            case .none: []
            case .json, .largeJSON: try await jsonBody(request, limit: route.body.limit)
            case .bytes(let limit): try await bytes(request, limit: limit)
            }
        return try await route.handler(
            GatewayRequest(
                head: request.head, uri: request.uri, parameters: context.parameters, context: travelling, body: body,
                refusal: refusal, isSecure: context.isSecure, channel: context.channel))
    }

    /// The body as it comes; `nil` when it is longer than `limit`.
    private func bytes(_ request: Request, limit: Int) async throws -> [UInt8]? {
        do {
            return Array((try await request.body.collect(upTo: limit)).readableBytesView)
        } catch is NIOTooManyBytesError {
            return nil
        }
    }

    /// The body, unread. What it holds is the owning service's business; how large it is and what it calls itself is
    /// ours.
    private func jsonBody(_ request: Request, limit: Int) async throws -> [UInt8] {
        let tooLarge = ServiceError(.payloadTooLarge, "Such a request may have at most \(limit / 1024) KiB.")
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLarge }
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        }
        guard buffer.readableBytes > 0 else { return [] }
        guard Self.isJSON(request.headers[.contentType]) else {
            throw ServiceError(.unsupportedMediaType, "Send the body as application/json.")
        }
        return Array(buffer.readableBytesView)
    }

    /// `application/json`, or any type ending in `+json`, with or without parameters.
    private static func isJSON(_ contentType: String?) -> Bool {
        if contentType == "application/json" { return true }
        guard let type = contentType?.split(separator: ";").first?.lowercased() else { return false }
        let essence = type.filter { $0 != " " && $0 != "\t" }
        return essence == "application/json" || (essence.contains("/") && essence.hasSuffix("+json"))
    }
}

/// The address exists, but not with this method.
struct MethodNotAllowed: Error {
    /// For the `Allow` header.
    var allow: String
}
