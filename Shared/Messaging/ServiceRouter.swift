package import Logging
import Primitives

/// What a service declares that it answers, listed beside the requests themselves.
package struct ServiceDeclaration: Sendable {
    /// The first word of every subject, and the queue group.
    package var name: String
    package var requests: [any ServiceRequest.Type]
    package var events: [any ServiceEvent.Type]
    /// The services whose events it takes, by name.
    package var sources: [String]

    package init(
        name: String, requests: [any ServiceRequest.Type], events: [any ServiceEvent.Type], sources: [String] = []
    ) {
        self.name = name
        self.requests = requests
        self.events = events
        self.sources = sources
    }

    /// The durable consumers by which it takes them.
    package var consumers: [EventConsumer] { sources.map { EventConsumer(of: name, from: $0) } }

    /// The one for the events of `source`, which must be among `sources`: no other is made.
    package func consumer(from source: String) -> EventConsumer {
        precondition(sources.contains(source), "\(name) does not declare that it takes the events of \(source)")
        return EventConsumer(of: name, from: source)
    }

    /// Every event of a service, as a subject.
    package static func events(of service: String) -> String { "\(service).event.>" }
}

/// Which handler answers which request of one service.
package struct ServiceRouter: Sendable {
    private typealias Handler = @Sendable (Envelope, CallContext) async throws -> Envelope

    /// What this service must have handlers for.
    package let declaration: ServiceDeclaration
    private var handlers: [String: Handler] = [:]
    private let logger: Logger
    /// Requests dropped because nobody waited for their answer any more.
    package let late: LateRequests
    /// Turns an error of a lower layer into one for the client; `nil` becomes `internal`.
    private let translate: @Sendable (any Error) -> ServiceError?

    /// - Parameter translate: turns an error of a lower layer into the one that the client is told; `nil` for one that
    ///   says nothing to clients, which becomes `internal`.
    package init(
        _ declaration: ServiceDeclaration, logger: Logger, translate: @escaping @Sendable (any Error) -> ServiceError?
    ) {
        self.declaration = declaration
        self.logger = logger
        late = LateRequests(logger: logger)
        self.translate = translate
    }

    /// Makes `handler` answer the requests of one type; a second call for it takes the first one's place. A
    /// `ServiceError` that it throws is the answer; any other error is translated, or told as `internal`, and logged.
    package mutating func on<Request: ServiceRequest>(
        _ type: Request.Type,
        _ handler: @escaping @Sendable (Request, CallContext) async throws -> Answer<Request.Reply>
    ) {
        handlers[Request.subject] = { envelope, context in
            let request = try Request(encoded: envelope.payload)
            let answer = try await handler(request, context)
            return Envelope(headers: answer.metadata.headers, payload: answer.body)
        }
    }

    /// What the service listens to, in the order of the declaration.
    package var subjects: [String] { declaration.requests.map { $0.subject } }

    /// A service with a declared request and no handler must not start: its callers would wait for nothing.
    package func requireComplete() throws {
        let missing = subjects.filter { handlers[$0] == nil }
        let undeclared = handlers.keys.filter { !subjects.contains($0) }.sorted()
        guard missing.isEmpty, undeclared.isEmpty else { throw RouterError(missing: missing, undeclared: undeclared) }
    }

    /// Answers one request; whatever goes wrong becomes an answer too.
    package func route(_ subject: String, _ envelope: Envelope) async -> Envelope {
        guard let handler = handlers[subject], let context = CallContext(envelope: envelope) else {
            logger.error("request refused: unknown subject or unreadable caller", metadata: ["subject": "\(subject)"])
            return Envelope(error: .internal)
        }
        // Nobody waits for this answer any more; doing the work would only delay those still waited for.
        if let deadline = context.deadline, ContinuousClock.now >= deadline {
            late.count(subject, context)
            return Envelope(error: .tooLate)
        }
        do {
            return try await handler(envelope, context)
        } catch let error as ServiceError {
            return Envelope(error: error)
        } catch {
            if let known = translate(error) {
                logger.warning(
                    "request failed",
                    metadata: ["subject": "\(subject)", "request.id": "\(context.requestID)", "error": "\(error)"])
                return Envelope(error: known)
            }
            logger.error(
                "request failed unexpectedly",
                metadata: ["subject": "\(subject)", "request.id": "\(context.requestID)", "error": "\(error)"])
            return Envelope(error: .internal)
        }
    }
}

/// The handlers of a service and its declaration do not match.
package struct RouterError: Error, Equatable, CustomStringConvertible {
    package var missing: [String]
    package var undeclared: [String]

    package var description: String {
        "no handler for: [\(missing.joined(separator: ", "))]; handled but not declared: [\(undeclared.joined(separator: ", "))]"
    }
}
