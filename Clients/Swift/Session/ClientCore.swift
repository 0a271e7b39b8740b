import NIOSSL

/// All that changes in a client: its session, its connection and its rooms. One actor, so that what comes over the
/// connection is taken in the order in which it came, without anything in between.
///
/// Tasks of its own are the connection (``run()``), a renewal of the session, and the waits of rooms whose join was
/// refused for a while. The first ends with ``stop(_:)`` or with the last ``Client``; the others end by themselves.
actor ClientCore {
    struct Access {
        var token: String
        /// Some time before it expires.
        var renewAt: ContinuousClock.Instant
    }

    let origin: Origin
    let tls: TLSConfiguration?
    let http: HTTPExchange
    let tokens: any TokenStore
    /// Cancelled when nobody has the client any more.
    nonisolated let life = ConnectionLife()

    // Session
    var user: User?
    var access: Access?
    var renewal: Task<Void, any Error>?
    /// When the session is renewed by itself at the earliest, so that a refusal is not asked for each second.
    var nextRenewal = ContinuousClock.now
    /// Changes with each session, so that what was asked for one is not taken for another.
    var sessions = 0

    // Connection
    var isWanted = false
    var isReady = false
    var channel: SocketChannel?
    /// Changes with each connection, so that what belongs to an earlier one is known by it.
    var connection = 0
    var failures = 0
    var sleeper: Task<Void, Never>?
    /// Said by whoever drops the connection: how long the server wants to be left alone.
    var pauseAsked: Duration?
    var questions: [Int: Question] = [:]
    var lastQuestion = 0
    var lastHeard = ContinuousClock.now

    // Rooms and listeners
    var memberships: [ObjectIdentifier: Membership] = [:]
    var listeners: [AsyncThrowingStream<ClientEvent, any Error>.Continuation] = []

    init(origin: Origin, tls: TLSConfiguration?, tokens: any TokenStore) {
        self.origin = origin
        self.tls = tls
        self.tokens = tokens
        http = HTTPExchange(origin: origin, tls: tls)
    }

    /// What happens outside of rooms, from now on.
    func listen() -> AsyncThrowingStream<ClientEvent, any Error> {
        let (stream, continuation) = AsyncThrowingStream.makeStream(
            of: ClientEvent.self, bufferingPolicy: .bufferingOldest(EventLimit.unread))
        listeners.append(continuation)
        start()
        return stream
    }

    func tell(_ event: ClientEvent) { listeners.removeAll { !EventLimit.put(event, to: $0) } }
}

/// How many events may wait for a loop that reads them.
enum EventLimit {
    static let unread = 10_000

    /// - Returns: whether more may follow. A reader that has fallen behind reads what waits, and then that it is too
    ///   slow.
    static func put<Event: Sendable>(_ event: Event, to reader: AsyncThrowingStream<Event, any Error>.Continuation)
        -> Bool
    {
        switch reader.yield(event) {
        case .enqueued: return true
        case .dropped:
            reader.finish(
                throwing: Problem(.tooSlow, "Events come faster than they are read: begin anew with `after`."))
            return false
        default: return false
        }
    }
}
