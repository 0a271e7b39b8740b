import CNats
import Glibc
import Logging
import Messaging
import Synchronization
import Threads

/// What hears of the link from its thread. Calls come one at a time and must not block.
protocol LinkObserver: AnyObject, Sendable {
    /// The link came (`true`) or went.
    func linkChanged(up: Bool)
    /// About ten times a second.
    func tick(now: Int64)
}

/// The link to the server: one connection after another, for ever, and what has to be made anew on each.
///
/// One thread makes connections, sweeps requests whose time has come, and tells observers. A listener is subscribed on
/// a connection before anyone may send through that connection: so the server has the interest before it has the first
/// request.
final class Link: Sendable {
    let configuration: NATSConfiguration
    let requests: RequestTable
    let counters = NATSCounters()
    /// Opens with the first connection there ever is, or with the end.
    let firstConnection = Gate()
    let logger: Logger
    /// Wakes the link's thread.
    private let wakeup = Wakeup.orByTimeAlone()
    /// Whether this process has just stood still, so that what arrives is old.
    let standstill = Standstill()
    private let state = Mutex(State())

    private struct State {
        /// The connection in use; `nil` while the link is down.
        var connection: NATSConnection?
        var isStopping = false
        var hasEnded = false
        var listeners: [ObjectIdentifier: Listener] = [:]
        var observers: [ObjectIdentifier: any LinkObserver] = [:]
        var handlers: [@Sendable (Bool) -> Void] = []
        /// Subscriptions ended of which the last messages are being handed out.
        var draining = 0
        var whenEnded: UnsafeContinuation<Void, Never>?
    }

    init(configuration: NATSConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        requests = RequestTable(limit: configuration.maximumOutstandingRequests)
        // Shared by all connections of the process; never grows with the number of subscriptions.
        nats_SetMessageDeliveryPoolSize(3)
    }

    // MARK: For senders

    var connection: NATSConnection? { state.withLock { $0.connection } }

    func connected() throws(TransportError) -> NATSConnection {
        guard let connection else { throw .disconnected }
        return connection
    }

    // MARK: For listeners and observers

    /// Subscribes `listener` now, if the link is up, and on every connection to come.
    /// - Throws: `.failed` when the library will not have it, as for a malformed subject.
    func add(_ listener: Listener) throws(TransportError) {
        guard NATSConnection.isWellFormed(listener.subject) else { throw .failed("malformed subject") }
        let connection = state.withLock { state in
            state.listeners[ObjectIdentifier(listener)] = listener
            return state.connection
        }
        guard let connection else { return }
        // A failure here means that the connection is going; the next one gets the listener.
        try? listener.attach(to: connection)
    }

    /// Ends a subscription at once.
    func remove(_ listener: Listener) {
        state.withLock { _ = $0.listeners.removeValue(forKey: ObjectIdentifier(listener)) }
        listener.close()
    }

    /// Ends a subscription after what has been received for it is handed out; then calls `done`.
    func drain(_ listener: Listener, milliseconds: Int64, done: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.listeners[ObjectIdentifier(listener)] = nil
            state.draining += 1
        }
        listener.drain(milliseconds: milliseconds) { [self] in
            state.withLock { $0.draining -= 1 }
            done()
        }
    }

    func observe(_ observer: any LinkObserver) {
        state.withLock { $0.observers[ObjectIdentifier(observer)] = observer }
    }

    func forget(_ observer: any LinkObserver) {
        state.withLock { _ = $0.observers.removeValue(forKey: ObjectIdentifier(observer)) }
    }

    func onChange(_ handler: @escaping @Sendable (Bool) -> Void) { state.withLock { $0.handlers.append(handler) } }

    // MARK: The library's callbacks

    /// The connection is gone. Comes on a thread of the library.
    func closed(generation: UInt) {
        let lost = state.withLock { state in
            guard state.connection?.generation == generation else { return false }
            state.connection = nil
            return true
        }
        if lost { requests.failAll(.disconnected) }
        wakeup.signal()
    }

    /// The library reports something out of line. Comes on a thread of the library.
    func reported(_ status: natsStatus) {
        switch status {
        case NATS_SLOW_CONSUMER:
            counters.slowConsumers.increment()
            logger.warning("messages dropped: a handler is too slow")
        case NATS_NOT_PERMITTED:
            counters.permissionViolations.increment()
            logger.error("the server does not permit a publish or a subscription; its log names the subject")
        default:
            counters.errors.increment()
            logger.warning("NATS error", metadata: ["status": "\(ConnectionError(status: status))"])
        }
    }

    // MARK: The thread

    /// Starts connecting; false when no thread can be had.
    func start() -> Bool { (try? OSThread.start { [self] in main() }) != nil }

    /// Sends what is under way, closes the connection and ends the thread, within some seconds.
    func stop() async {
        await withUnsafeContinuation { continuation in
            let ended = state.withLock { state in
                state.isStopping = true
                if !state.hasEnded { state.whenEnded = continuation }
                return state.hasEnded
            }
            if ended { continuation.resume() } else { wakeup.signal() }
        }
    }

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    private func main() {
        var failures = 0
        while !isStopping {
            let generation = LinkDirectory.register(self)
            do {
                let connection = try NATSConnection(
                    configuration, generation: generation, wakeup: wakeup, standstill: standstill)
                failures = 0
                run(connection)
                connection.close()
            } catch {
                failures += 1
                // Every half minute or so is enough to say that nothing has changed.
                if failures == 1 || failures % 100 == 0 {
                    logger.warning(
                        "cannot connect to NATS", metadata: ["error": "\(error)", "attempts": "\(failures)"])
                }
            }
            LinkDirectory.remove(generation)
            // At once the first time, then with a jitter so that a fleet does not come back in step.
            idle(milliseconds: failures == 0 ? .random(in: 10...100) : .random(in: 100...500))
        }
        end()
    }

    /// Uses a connection until it is lost or the link is to stop.
    private func run(_ connection: NATSConnection) {
        do throws(TransportError) { try takeUp(connection) } catch { return }
        counters.connections.increment()
        logger.info("connected to NATS", metadata: ["connections": "\(counters.connections.load(ordering: .relaxed))"])
        tell(up: true)
        var nextSweep: Int64 = 0
        var nextTick: Int64 = 0
        var isInUse = true
        standstill.begin(now: monotonicNow())
        while isInUse {
            connection.pump(milliseconds: 20)
            let now = monotonicNow()
            standstill.looked(now: now)
            guard now >= nextSweep else { continue }
            nextSweep = now + 20_000_000
            requests.sweep(now: now)
            if now >= nextTick {
                nextTick = now + 100_000_000
                tick(now)
            }
            if connection.isClosed { closed(generation: connection.generation) }
            isInUse = self.connection === connection && !isStopping
        }
        let isLost = state.withLock { state in
            defer { state.connection = nil }
            return state.connection == nil
        }
        requests.failAll(.disconnected)
        if isLost { logger.warning("connection to NATS lost") } else { bringOut(connection) }
        tell(up: false)
    }

    /// Subscribes every listener on the new connection, then opens it for use.
    private func takeUp(_ connection: NATSConnection) throws(TransportError) {
        var attached: Set<ObjectIdentifier> = []
        while true {
            let missing = state.withLock { state in
                let missing = state.listeners.filter { !attached.contains($0.key) }
                if missing.isEmpty {
                    state.connection = connection
                }
                return missing
            }
            if missing.isEmpty { return }
            for (key, listener) in missing {
                attached.insert(key)
                do throws(TransportError) {
                    try listener.attach(to: connection)
                } catch .disconnected {
                    throw .disconnected
                } catch {
                    // One that cannot be subscribed must not keep the others from it.
                    logger.error("cannot subscribe", metadata: ["subject": "\(listener.subject)", "error": "\(error)"])
                }
            }
        }
    }

    private func tell(up: Bool) {
        let (handlers, observers) = state.withLock { ($0.handlers, Array($0.observers.values)) }
        if up { firstConnection.open() }
        for observer in observers { observer.linkChanged(up: up) }
        for handler in handlers { handler(up) }
    }

    private func tick(_ now: Int64) {
        Graveyard.clear(now: now)
        for observer in state.withLock({ Array($0.observers.values) }) { observer.tick(now: now) }
    }

    /// Waits between two attempts; observers' clocks go on.
    private func idle(milliseconds: Int) {
        let end = monotonicNow() + Int64(milliseconds) * 1_000_000
        while !isStopping {
            let now = monotonicNow()
            if now >= end { return }
            tick(now)
            wakeup.wait(milliseconds: min(50, Int32(clamping: (end - now) / 1_000_000) + 1))
        }
    }

    /// Lets subscriptions that are ending hand out their last messages and sends what is under way.
    ///
    /// The library's drain of a whole connection is not used: this version tells twice of the end of a subscription
    /// that was being drained already, and frees it twice.
    private func bringOut(_ connection: NATSConnection) {
        let end = monotonicNow() + 3_000_000_000
        while state.withLock({ $0.draining }) > 0, !connection.isClosed, monotonicNow() < end {
            connection.pump(milliseconds: 5)
        }
        // Waiting for the server's word blocks, and this thread has to carry it.
        let isFlushed = Flag()
        do {
            try OSThread.start { [wakeup] in
                _ = connection.flush(milliseconds: 2000)
                nats_ReleaseThreadMemory()
                isFlushed.set()
                wakeup.signal()
            }
        } catch {
            return
        }
        while !isFlushed.isSet { connection.pump(milliseconds: 5) }
    }

    private func end() {
        let ended = state.withLock { state in
            state.hasEnded = true
            defer { state.whenEnded = nil }
            return state.whenEnded
        }
        firstConnection.open()
        nats_ReleaseThreadMemory()
        ended?.resume()
    }
}

/// Goes from false to true once.
private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)

    var isSet: Bool { value.load(ordering: .acquiring) }

    func set() { value.store(true, ordering: .releasing) }
}
