package import ServiceLifecycle

/// How messages get from one process to another, whatever carries them.
///
/// Two implementations exist: `NATSTransport` for real use and `MemoryTransport` for tests; both pass the same
/// conformance suite.
///
/// Three kinds of traffic, with different promises:
/// - **requests** reach one member of a queue group and are answered once, or fail before their deadline;
/// - **signals** (`publish`, `subscribe`) reach whoever listens now, at most once, in order for one publisher and
///   subject;
/// - **events** (`append`, `consume`, `follow`) are kept by a stream and delivered at least once.
///
/// No method blocks the calling thread. `run` connects and keeps connected; put it before whatever uses the transport
/// in the service group, so that it is the last to stop.
package protocol Transport: Service {
    /// Sends a request and waits for its answer.
    ///
    /// - Throws: `.noResponders` when nobody serves the subject (known at once), `.timeout` after `timeout`,
    ///   `.disconnected` when the link is down or goes down meanwhile (the request may have been carried out),
    ///   `.overloaded` when too many answers are awaited.
    func request(_ subject: String, _ message: Envelope, timeout: Duration) async throws(TransportError) -> Envelope

    /// Sends a signal. Returning says nothing about delivery.
    /// - Throws: `.disconnected` while the link is down: signals are not kept for later.
    func publish(_ subject: String, _ message: Envelope) throws(TransportError)

    /// Serves requests to `subjects` as a member of `queue`, at most `limit` at a time; a request beyond that is
    /// answered at once with `refusal`.
    ///
    /// Returns when the task is cancelled or shuts down gracefully: then no new request is taken, those taken are
    /// finished and answered.
    func serve(
        _ subjects: [String], queue: String, limit: Int, refusal: Envelope,
        handler: @escaping @Sendable (_ subject: String, _ request: Envelope) async -> Envelope
    ) async throws(TransportError)

    /// Listens to signals of `subject` (which may hold the wildcards `*` and `>`) until the returned subscription is
    /// cancelled.
    ///
    /// `handler` is called on the transport's own thread, one message at a time and in order; it must copy, hand over
    /// and return. When this returns, the server is certain to have the interest before any later request of this
    /// transport.
    func subscribe(
        _ subject: String, handler: @escaping @Sendable (_ subject: String, _ message: Envelope) -> Void
    ) async throws(TransportError) -> any TransportSubscription

    /// Tells when the link comes and goes. The handler is called with `true` after every (re)connection and `false` on
    /// a loss, in order, on the transport's own thread.
    func onLinkChange(_ handler: @escaping @Sendable (_ connected: Bool) -> Void)

    /// Whether the link is up now.
    var isConnected: Bool { get }

    /// Appends an event to the stream and waits until the stream has acknowledged it.
    ///
    /// - Parameter id: appended twice within the stream's duplicate window, an event is kept once.
    /// - Returns: the event's position in the stream.
    /// - Throws: `.noResponders` when no stream takes the subject, else as `request`.
    func append(_ subject: String, id: String, _ message: Envelope, timeout: Duration) async throws(TransportError)
        -> UInt64

    /// Hands the events of a durable consumer to `handler`, up to `concurrency` at a time, until cancelled or shut down
    /// gracefully (events handed out are finished first). Survives loss of the link, of the server and of the consumer,
    /// for as long as it takes.
    ///
    /// - Parameter missed: called when the stream is found to have dropped events that may not have been handed out or
    ///   finished: it was trimmed past the consumer's position, or made anew. Within 15 s of its happening.
    func consume(
        _ consumer: String, concurrency: Int, missed: @escaping @Sendable () -> Void,
        handler: @escaping @Sendable (StreamEvent) async -> EventDisposition
    ) async throws(TransportError)

    /// Hands every event of the stream from now on to `handler`, in stream order, without a durable consumer.
    ///
    /// After a loss of the link it goes on where it was. When events may have been missed for good (the stream was
    /// rolled back, replaced or trimmed past the position) `handler` gets `.gap` first and then goes on with what there
    /// is; an event may come twice. `.ready` is given once, when the position of the stream's end is first known. Runs
    /// until cancelled or shut down gracefully.
    func follow(handler: @escaping @Sendable (FollowedEvent) async -> Void) async throws(TransportError)
}

extension Transport {
    /// The same for who is not told of what was missed.
    package func consume(
        _ consumer: String, concurrency: Int, handler: @escaping @Sendable (StreamEvent) async -> EventDisposition
    ) async throws(TransportError) {
        try await consume(consumer, concurrency: concurrency, missed: {}, handler: handler)
    }
}

/// A message as carried: headers and bytes.
package struct Envelope: Sendable, Equatable {
    /// Names are compared exactly; a value is visible ASCII (whoever writes another kind of text encodes it first).
    package var headers: [Header]
    /// What the message says, as bytes that no transport reads.
    package var payload: [UInt8]

    /// A name of at most 255 bytes and a value of at most 65,535; NATS carries 255 of them.
    package struct Header: Sendable, Equatable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(headers: [Header] = [], payload: [UInt8] = []) {
        self.headers = headers
        self.payload = payload
    }

    /// A transport that knows that a request waited on its way puts here for how many milliseconds it may have been:
    /// the time that the request had left is shorter by so much.
    package static let lateHeader = "late-by"

    /// The first value of header `name`.
    package subscript(name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// An event as a stream delivers it.
package struct StreamEvent: Sendable {
    package var subject: String
    /// As it was appended.
    package var message: Envelope
    /// Position in the stream.
    package var sequence: UInt64
    /// 1 for the first delivery to this consumer.
    package var delivery: Int

    package init(subject: String, message: Envelope, sequence: UInt64, delivery: Int) {
        self.subject = subject
        self.message = message
        self.sequence = sequence
        self.delivery = delivery
    }
}

/// What becomes of an event that was handed out.
package enum EventDisposition: Sendable, Equatable {
    /// Done; not delivered again, as far as the courier can promise.
    case done
    /// Not done; deliver again after `delay`.
    case again(after: Duration)
}

/// What `Transport.follow` hands out.
package enum FollowedEvent: Sendable {
    case ready
    case event(StreamEvent)
    case gap
}

/// A running subscription.
package protocol TransportSubscription: Sendable {
    /// Ends it; the handler may still be called for messages already received, and not after this returns.
    func cancel() async
}

/// Why a message could not be carried.
package enum TransportError: Error, Sendable, Equatable {
    case noResponders
    case timeout
    case disconnected
    case overloaded
    /// Anything else, in words for the log.
    case failed(String)
}
