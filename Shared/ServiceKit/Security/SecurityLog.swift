package import CoreMetrics
package import Logging
package import Messaging
import Metrics
package import Primitives

/// Tells what concerns security: a line of the logger `security`, which an operator can route by that name, and a count
/// by event in `orderline_security_events_total`.
///
/// A line says who (`user.id`, `session.id`), from where (`client.address`) and by which request (`request.id`). It
/// holds no name, e-mail address, token, password or content of anybody: nothing that a client wrote but the request's
/// id.
package struct SecurityLog: Sendable {
    private let logger: Logger
    private let counters: [SecurityEvent: Counter]
    private let repeats: SecurityRepeats

    /// - Parameters:
    ///   - metrics: where events are counted.
    ///   - repeats: which lines are left out, because the same stood there a moment ago.
    package init(logger: Logger, metrics: any MetricsFactory, repeats: SecurityRepeats = SecurityRepeats()) {
        self.logger = logger
        self.repeats = repeats
        counters = Dictionary(
            uniqueKeysWithValues: SecurityEvent.allCases.map { event in
                let labels = [("event", event.rawValue)]
                return (event, Counter(label: "orderline_security_events_total", dimensions: labels, factory: metrics))
            })
    }

    /// - Parameters:
    ///   - context: of the request that it came by; `nil` for what an operator does by a command.
    ///   - user: whom it concerns, where that is not the caller.
    ///   - session: the same of the session.
    ///   - details: what else is to be told: identifiers and words of the program, nothing that a client wrote.
    package func record(
        _ event: SecurityEvent, _ context: CallContext?, user: Identifier? = nil, session: Identifier? = nil,
        _ details: Logger.Metadata = [:]
    ) {
        counters[event]?.increment()
        var data = details
        data["event"] = "\(event.rawValue)"
        if let user = user ?? context?.caller?.userID { data["user.id"] = "\(user)" }
        if let session = session ?? context?.caller?.sessionID { data["session.id"] = "\(session)" }
        if let client = context?.client { data["client.address"] = "\(client)" }
        if let context { data["request.id"] = "\(context.requestID)" }
        guard event.isCheap else { return logger.log(level: event.level, event.message, metadata: data) }
        let who = context?.caller.map { "\($0.userID)" } ?? context?.client.map { "\($0.network)" } ?? "-"
        let verdict = repeats.admit(event, by: who)
        tell(verdict.told)
        if verdict.isNew { logger.log(level: event.level, event.message, metadata: data) }
    }

    /// Tells of a refusal, if it is one that concerns security: what the caller may not have (403), a token that is no
    /// good (401), a limit (429).
    ///
    /// - Parameters:
    ///   - operation: what was asked for, in words of the program: a route's method and pattern, an event's name.
    ///   - hasToken: whether a token was presented; without one, 401 says only that somebody has to sign in.
    package func refused(_ error: ServiceError, _ context: CallContext, operation: String, hasToken: Bool) {
        let event: SecurityEvent
        switch error.code {
        case .forbidden: event = .accessRefused
        case .unauthenticated where hasToken: event = .tokenRefused
        case .invalidRefreshToken: event = .tokenRefused
        case .rateLimited, .tooManyAttempts: event = .limitHit
        default: return
        }
        record(event, context, ["operation": "\(operation)", "reason": "\(error.code.rawValue)"])
    }

    /// Tells how often what was left out has come.
    package func tellRepeats() { tell(repeats.takeAll()) }

    private func tell(_ repeated: [SecurityRepeats.Repeated]) {
        for repeated in repeated {
            let event = repeated.event
            logger.log(
                level: event.level, event.message,
                metadata: [
                    "event": "\(event.rawValue)", "repeats": "\(repeated.count)", "by": "\(repeated.who)",
                ])
        }
    }
}
