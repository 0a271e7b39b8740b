import HTTPTypes
import Hummingbird
import Logging
import Messaging

/// Turns whatever goes wrong into a problem; nothing leaves the gateway in another form.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = GatewayContext

    let logger: Logger

    func handle(
        _ request: Request, context: GatewayContext,
        next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            var headers: HTTPFields = [:]
            let told = serviceError(error, request, context, &headers)
            var response = Problem(error: told, requestID: context.requestID, instance: request.uri.path).response
            for field in headers { response.headers[field.name] = field.value }
            return response
        }
    }

    private func serviceError(
        _ error: any Error, _ request: Request, _ context: GatewayContext, _ headers: inout HTTPFields
    ) -> ServiceError {
        switch error {
        case let error as ServiceError: return error
        case let error as MethodNotAllowed:
            headers[.allow] = error.allow
            return ServiceError(
                .methodNotAllowed, "The address exists, but not with the method \(request.method.rawValue).")
        case let error as any HTTPResponseError where error.status == .notFound:
            return ServiceError(.notFound, "There is nothing at this address.")
        case let error as any HTTPResponseError where error.status == .contentTooLarge:
            return ServiceError(.payloadTooLarge, "The request is too large.")
        case let error as any HTTPResponseError where error.status.kind == .clientError:
            return ServiceError(.malformedJSON, "The request cannot be read.")
        default:
            logger.error(
                "request failed unexpectedly",
                metadata: ["request.id": "\(context.requestID)", "path": "\(request.uri.path)", "error": "\(error)"])
            return .internal
        }
    }
}
