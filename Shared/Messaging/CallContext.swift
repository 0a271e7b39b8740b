package import Primitives

/// What travels with a request beside its content.
package struct CallContext: Sendable {
    /// Who asks; `nil` for anonymous requests and for those between services.
    package var caller: Caller?
    /// The `X-Request-Id` under which every process logs this request: 1 to 128 visible ASCII characters.
    package var requestID: String
    /// W3C Trace Context, passed on as it came.
    package var traceparent: String?
    /// Where the client is, as the gateway knows it; `nil` for what no client asked for, and unknown.
    package var client: IPAddress?
    /// After this nobody waits for the answer any more; work not begun by then is dropped. By the clock of this
    /// process: on the way it is the time that is left, because the clocks of two machines differ.
    package var deadline: ContinuousClock.Instant?

    package init(
        caller: Caller? = nil, requestID: String, traceparent: String? = nil, client: IPAddress? = nil,
        deadline: ContinuousClock.Instant? = nil
    ) {
        self.caller = caller
        self.requestID = requestID
        self.traceparent = traceparent
        self.client = client
        self.deadline = deadline
    }

    /// A context for work that no client asked for.
    package static func background() -> CallContext { CallContext(requestID: Identifier.make().description) }

    /// The caller of a request that needs one.
    package func requireCaller() throws(ServiceError) -> Caller {
        guard let caller else { throw .unauthenticated }
        return caller
    }

    /// The caller of a request that only Admins may make.
    package func requireAdmin() throws(ServiceError) -> Caller {
        let caller = try requireCaller()
        guard caller.isAdmin else { throw .forbidden }
        return caller
    }
}

extension CallContext {
    /// How it is named in the envelope's headers.
    enum HeaderName {
        static let caller = "caller"
        static let requestID = "request-id"
        static let traceparent = "traceparent"
        static let client = "client"
        /// Milliseconds.
        static let timeLeft = "time-left"
    }

    var headers: [Envelope.Header] {
        var headers = [Envelope.Header(HeaderName.requestID, requestID)]
        if let caller { headers.append(Envelope.Header(HeaderName.caller, caller.headerValue)) }
        if let traceparent { headers.append(Envelope.Header(HeaderName.traceparent, traceparent)) }
        if let client { headers.append(Envelope.Header(HeaderName.client, client.description)) }
        if let deadline {
            let left = max(0, ContinuousClock.now.duration(to: deadline).milliseconds)
            headers.append(Envelope.Header(HeaderName.timeLeft, String(left)))
        }
        return headers
    }

    /// - Returns: `nil` when a header that decides about access cannot be read.
    init?(envelope: Envelope) {
        var context = CallContext(requestID: "-")
        var late: Int64 = 0
        for header in envelope.headers {
            switch header.name {
            case HeaderName.requestID: context.requestID = header.value
            case HeaderName.traceparent: context.traceparent = header.value
            case HeaderName.client: context.client = IPAddress(header.value)
            case HeaderName.timeLeft:
                // A day is for ever; what is no number sets no bound.
                context.deadline = Int64(header.value).map { .now + .milliseconds(min(max($0, 0), 86_400_000)) }
            case Envelope.lateHeader: late = min(max(Int64(header.value) ?? 0, 0), 86_400_000)
            case HeaderName.caller:
                guard let caller = Caller(headerValue: header.value) else { return nil }
                context.caller = caller
            default: break
            }
        }
        if late > 0, let deadline = context.deadline { context.deadline = deadline - .milliseconds(late) }
        self = context
    }
}
