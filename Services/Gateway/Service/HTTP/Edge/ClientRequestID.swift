import HTTPTypes
import Hummingbird
import Primitives

/// Gives every request an id and every response an `X-Request-Id`: the client's own value where it is 1 to 128 visible
/// ASCII characters.
struct RequestIDMiddleware: RouterMiddleware {
    typealias Context = GatewayContext

    func handle(
        _ request: Request, context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.requestID = Self.acceptable(request.headers[.requestID]) ?? Identifier.make().description
        var response = try await next(request, context)
        response.headers[.requestID] = context.requestID
        return response
    }

    static func acceptable(_ value: String?) -> String? {
        guard let value, (1...128).contains(value.utf8.count), value.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return value
    }
}

extension HTTPField.Name {
    static var requestID: HTTPField.Name { HTTPField.Name("X-Request-Id") ?? .server }
}
