import HTTPTypes
import Hummingbird
import Logging
import Messaging

/// Turns whatever goes wrong into a problem; nothing leaves the gateway in another form.
struct ProblemResponder: Sendable {
    let logger: Logger

    func response(to error: any Error, _ request: Request, _ context: GatewayContext) -> Response {
        var allow: String?
        let told: ServiceError
        switch error {
        case let error as ServiceError: told = error
        case let error as MethodNotAllowed:
            allow = error.allow
            told = ServiceError(.methodNotAllowed, "The address exists, but not with this method.")
        case let error as any HTTPResponseError where error.status == .notFound:
            told = ServiceError(.notFound, "There is nothing at this address.")
        case let error as any HTTPResponseError where error.status == .requestTimeout:
            told = ServiceError(.requestTimeout, "The body of the request did not come in time.")
        case let error as any HTTPResponseError where error.status == .contentTooLarge:
            told = ServiceError(.payloadTooLarge, "The request is too large.")
        case let error as any HTTPResponseError where error.status.kind == .clientError:
            told = ServiceError(.malformedJSON, "The request cannot be read.")
        default:
            logger.error(
                "request failed unexpectedly",
                metadata: ["request.id": "\(context.requestID)", "path": "\(request.uri.path)", "error": "\(error)"])
            told = .internal
        }
        var response = Problem(error: told, requestID: context.requestID, instance: request.uri.path).response
        if let allow { response.headers[.allow] = allow }
        return response
    }
}
