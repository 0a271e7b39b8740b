import HTTPServer
import HTTPTypes
import Messaging
import NIOCore
import Primitives

/// Answers what is no request that can be handed on with a problem like any other.
struct RefusalAnswer: Sendable {
    /// So that a front end on another site can read why, and is not told of a network that failed.
    let crossOrigin: CrossOrigin
    let hasTLS: Bool

    func make(_ refusal: Refusal, _ asked: RefusedHead) -> (HTTPResponse, ByteBuffer) {
        let requestID = ClientRequestID.acceptable(asked.fields[.requestID]) ?? Identifier.make().description
        var response = Problem(error: Self.error(refusal), requestID: requestID, instance: "/").httpResponse
        if refusal == .tunnelAsked { response.head.headerFields[.allow] = "GET, HEAD, POST, PATCH, DELETE" }
        SecurityHeaders.add(to: &response.head.headerFields, isSecure: hasTLS)
        crossOrigin.add(to: &response.head.headerFields, for: asked.fields)
        response.head.headerFields[.requestID] = requestID
        return (response.head, response.body)
    }

    private static func error(_ refusal: Refusal) -> ServiceError {
        switch refusal {
        case .malformed: ServiceError(.malformedJSON, "This is not an HTTP request that can be read.")
        case .targetTooLong: ServiceError(.uriTooLong, "A request line may have at most 8 KiB.")
        case .fieldsTooLarge:
            ServiceError(
                .headerFieldsTooLarge, "A request may have at most 100 fields, of 16 KiB each and 32 KiB together.")
        case .expectationFailed: ServiceError(.expectationFailed, "No expectation but 100-continue is known.")
        case .tooSlow: ServiceError(.requestTimeout, "The request did not come in time.")
        case .tooManyConnections:
            ServiceError(.rateLimited, "This address has as many connections as it may.", retryAfter: 5)
        case .overloaded: .unavailable
        case .tunnelAsked: ServiceError(.methodNotAllowed, "This is no proxy: there is no CONNECT.")
        }
    }
}
