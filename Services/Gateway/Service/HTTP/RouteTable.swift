import HTTPTypes
import Hummingbird
import Messaging
import NIOCore
import Primitives

/// Every route of the public interface, and the router made of it.
struct RouteTable: Sendable {
    let routes: [Route]
    private let authenticator: Authenticator
    /// Whether a request came over HTTPS.
    private let isSecure: @Sendable (Request, GatewayContext) -> Bool

    init(
        _ routes: [Route], authenticator: Authenticator, isSecure: @escaping @Sendable (Request, GatewayContext) -> Bool
    ) {
        self.routes = routes
        self.authenticator = authenticator
        self.isSecure = isSecure
    }

    private static let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]

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
        var travelling = Messaging.RequestContext(
            requestID: context.requestID, traceparent: request.headers[.traceparent])
        if route.access == .user { travelling.caller = try await authenticator.caller(of: request.head) }
        let body = route.body == .json ? try await jsonBody(request) : []
        return try await route.handler(
            GatewayRequest(
                head: request.head, uri: request.uri, parameters: context.parameters, context: travelling, body: body,
                isSecure: isSecure(request, context)))
    }

    /// The body, unread. What it holds is the owning service's business; how large it is and what it calls itself is
    /// ours.
    private func jsonBody(_ request: Request) async throws -> [UInt8] {
        let tooLarge = ServiceError(.payloadTooLarge, "A JSON request may have at most 64 KiB.")
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > GatewayRequest.bodyLimit {
            throw tooLarge
        }
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: GatewayRequest.bodyLimit)
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
