import Primitives

/// How one part of the system asks another. Turns what went wrong on the way into the error a client is told.
package struct MessageBus: Sendable {
    /// For what the bus has no words for: signals, and events.
    package let transport: any Transport
    private let limit: RequestLimit?

    /// - Parameter limit: for requests made by way of this bus; none when `nil`.
    package init(transport: any Transport, limit: RequestLimit? = nil) {
        self.transport = transport
        self.limit = limit
    }

    /// Sends a request and reads the reply.
    /// - Throws: the service's own error, or `service-unavailable` (nobody serves it, link down, too much outstanding),
    ///   `upstream-timeout`, `internal` (the reply cannot be read).
    package func call<Request: ServiceRequest>(
        _ request: Request, context: CallContext
    ) async throws(ServiceError) -> Request.Reply {
        let answer = try await relay(request, context: context)
        do { return try Request.Reply(jsonBytes: answer.body) } catch { throw .internal }
    }

    /// Sends a request and hands the reply on as bytes. Throws as `call`.
    package func relay<Request: ServiceRequest>(
        _ request: Request, context: CallContext
    ) async throws(ServiceError) -> Answer<Request.Reply> {
        guard let limit else { return try await send(request, context) }
        return try await limit.admit { () throws(ServiceError) in try await send(request, context) }
    }

    private func send<Request: ServiceRequest>(
        _ request: Request, _ context: CallContext
    ) async throws(ServiceError) -> Answer<Request.Reply> {
        var context = context
        let timeout = Request.timeout
        context.deadline = .now + timeout
        let envelope = Envelope(headers: context.headers, payload: request.encoded)
        let reply: Envelope
        do {
            reply = try await transport.request(Request.subject, envelope, timeout: timeout)
        } catch {
            throw ServiceError(error)
        }
        if reply[AnswerMetadata.HeaderName.error] != nil {
            let failure: ServiceError
            do { failure = try ServiceError(jsonBytes: reply.payload) } catch { throw .internal }
            throw failure
        }
        return Answer(encoded: reply.payload, metadata: AnswerMetadata(headers: reply.headers))
    }
}

extension ServiceError {
    init(_ error: TransportError) {
        switch error {
        case .noResponders, .disconnected: self = .unavailable
        case .overloaded: self = .overloaded
        case .timeout:
            self = ServiceError(.upstreamTimeout, "A part of the system did not answer in time.", retryAfter: 1)
        case .failed: self = .internal
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero.
    package var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
