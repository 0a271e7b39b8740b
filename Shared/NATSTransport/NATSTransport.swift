package import Logging
package import Messaging
import ServiceLifecycle
package import Threads

/// The transport over NATS: requests, signals and the event stream on one connection.
///
/// Its run loop connects, for ever; put it before whatever uses it in the service group, so that it is the last to
/// stop. Before the first connection and during an outage `request`, `publish` and `append` throw `.disconnected` at
/// once, while `serve`, `consume` and `follow` wait and take up their work by themselves. What NATS promises and what
/// it does not is in `docs/nats.md`; PostgreSQL is the truth, this is the courier.
package final class NATSTransport: Transport {
    let link: Link
    /// `<inboxPrefix>.<random>.`, under which this process is answered; another process with the same user has another
    /// random part.
    let inbox: String

    /// Makes no connection yet; `run` does.
    ///
    /// - Parameters:
    ///   - logger: for what goes wrong out of line: losses of the link, refused subjects, slow handlers.
    ///   - atEndOfTurn: how a publishing thread that has turns sends at the end of one what it has published in it; all
    ///     else is sent by the transport's own thread.
    package init(
        configuration: NATSConfiguration, logger: Logger, atEndOfTurn: @escaping TurnEnd = { _ in false }
    ) {
        link = Link(configuration: configuration, logger: logger, atEndOfTurn: atEndOfTurn)
        inbox = "\(configuration.inboxPrefix).\(Self.randomToken())."
        do throws(TransportError) {
            try link.add(Self.answers(of: link.requests, inbox: inbox))
        } catch {
            logger.critical("no answer can be received: the inbox prefix is malformed")
        }
    }

    /// Connects, and keeps connected until graceful shutdown or cancellation; then sends what is under way and closes.
    package func run() async throws {
        guard link.connect() else { throw TransportError.failed("no thread for the link") }
        try? await gracefulShutdown()
        await link.stop()
    }

    /// Runs tasks on the thread that reads and writes the connection, from now on and for as long as the process lives,
    /// so that requests are answered without a switch of threads. They must not block. `nil` when no thread can be had.
    package func host() -> (any TaskExecutor & Timers)? { link.host() }

    /// Whether there is a connection on which every listener has been subscribed.
    package var isConnected: Bool { link.connection != nil }

    /// Called on the link's own thread, which connects, sends and keeps deadlines: `handler` must not block.
    package func onLinkChange(_ handler: @escaping @Sendable (_ connected: Bool) -> Void) { link.onChange(handler) }

    /// Counts for the metrics page.
    package var statistics: NATSStatistics { link.counters.statistics(outstandingRequests: link.requests.count) }

    /// Returns when the bytes are in the library's buffer. Throws `.overloaded` beside `.disconnected`, when the server
    /// has taken nothing for so long that 32 MiB wait.
    package func publish(_ subject: String, _ message: Envelope) throws(TransportError) {
        let connection = try link.connected()
        let subject = wire(subject)
        try EnvelopeCoding.withEncoded(message) { bytes throws(TransportError) in
            try connection.publish(subject, reply: nil, bytes)
        }
    }

    /// Waits for the first connection there ever is; afterwards the subscription outlives every loss of the link.
    /// - Throws: `.failed` for a malformed subject, or when the task is cancelled while it waits.
    package func subscribe(
        _ subject: String, handler: @escaping @Sendable (_ subject: String, _ message: Envelope) -> Void
    ) async throws(TransportError) -> any TransportSubscription {
        await link.firstConnection.pass()
        if Task.isCancelled { throw .failed("cancelled") }
        return try NATSSubscription(wire(subject), cut: cut, link: link, handler: handler)
    }

    // MARK: Subjects

    /// `subject` as it goes over the wire.
    func wire(_ subject: String) -> String {
        link.configuration.subjectPrefix.isEmpty ? subject : link.configuration.subjectPrefix + subject
    }

    /// Bytes to cut from the front of a subject that came over the wire.
    var cut: Int { link.configuration.subjectPrefix.utf8.count }

    /// Twenty-five characters, more than 128 bits: no other process has them, and nobody guesses them.
    private static func randomToken() -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        return String((0..<25).map { _ in letters[Int.random(in: 0..<letters.count)] })
    }
}

extension String {
    /// The subject at `pointer` without its first `cut` bytes.
    init(subject pointer: UnsafePointer<CChar>?, cut: Int) {
        self = pointer.map { String(cString: $0 + cut) } ?? ""
    }
}
