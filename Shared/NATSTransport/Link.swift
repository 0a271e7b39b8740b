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
/// One thread reads and writes, ends requests whose time has come, and tells observers; connecting, which blocks, has
/// another. It may also run tasks (`executor`): then what is read is worked on by the thread that has read it, and what
/// that leads to is written in the same round. A listener is subscribed on a connection before anyone may send through
/// that connection: so the server has the interest before it has the first request.
final class Link: Sendable {
    let configuration: NATSConfiguration
    let requests: RequestTable
    let counters = NATSCounters()
    /// Opens with the first connection there ever is, or with the end.
    let firstConnection = Gate()
    let logger: Logger
    /// Runs tasks on the link's thread, for as long as the process lives.
    let executor: ThreadExecutor
    /// Wakes the link's thread.
    let wakeup: Wakeup
    /// Where what is published on other threads is sent from.
    let atEndOfTurn: TurnEnd
    /// Whether this process has just stood still, so that what arrives is old.
    let standstill = Standstill()
    /// A listener has come for which something may have been read before it was there.
    private let isHandOutDue = Atomic(false)
    /// Whether tasks run on the thread, which then goes on behind the link's end.
    private let isHost = Atomic(false)
    private let state = Mutex(State())

    private struct State {
        /// The connection in use; `nil` while the link is down.
        var connection: NATSConnection?
        var hasStarted = false
        /// It connects: not before, though the thread may run tasks already, and not after `isStopping`.
        var isWanted = false
        var isStopping = false
        var hasEnded = false
        var listeners: [ObjectIdentifier: Listener] = [:]
        var observers: [ObjectIdentifier: any LinkObserver] = [:]
        var handlers: [@Sendable (Bool) -> Void] = []
        /// Those of `listeners` whose messages this thread hands out, and those that are ending.
        var handedOut: [Listener] = []
        /// Subscriptions ended of which the last messages are being handed out.
        var draining = 0
        var whenEnded: UnsafeContinuation<Void, Never>?

        mutating func forget(_ listener: Listener) { handedOut.removeAll { $0 === listener } }
    }

    init(configuration: NATSConfiguration, logger: Logger, atEndOfTurn: @escaping TurnEnd) {
        self.configuration = configuration
        self.logger = logger
        self.atEndOfTurn = atEndOfTurn
        let wakeup = Wakeup.orByTimeAlone()
        self.wakeup = wakeup
        executor = ThreadExecutor(wakeup: wakeup)
        requests = RequestTable(limit: configuration.maximumOutstandingRequests)
        // Shared by all connections of the process; never grows with the number of subscriptions.
        nats_SetMessageDeliveryPoolSize(1)
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
            if listener.delivery == .link { state.handedOut.append(listener) }
            return state.connection
        }
        guard let connection else { return }
        // A failure here means that the connection is going; the next one gets the listener.
        try? listener.attach(to: connection)
        isHandOutDue.store(true, ordering: .releasing)
        wakeup.signal()
    }

    /// Ends a subscription at once.
    func remove(_ listener: Listener) {
        state.withLock { state in
            state.listeners[ObjectIdentifier(listener)] = nil
            state.forget(listener)
        }
        listener.close()
    }

    /// Ends a subscription after what has been received for it is handed out; then calls `done`.
    func drain(_ listener: Listener, milliseconds: Int64, done: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.listeners[ObjectIdentifier(listener)] = nil
            state.draining += 1
        }
        listener.drain(milliseconds: milliseconds) { [self] in
            state.withLock { state in
                state.draining -= 1
                state.forget(listener)
            }
            done()
        }
        wakeup.signal()
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

    /// The executor, with a thread that runs its tasks from now on; `nil` when none can be had.
    func host() -> ThreadExecutor? {
        isHost.store(true, ordering: .releasing)
        return start() ? executor : nil
    }

    /// Starts the thread, unless it runs; false when none can be had.
    private func start() -> Bool {
        let isFirst = state.withLock { state in
            defer { state.hasStarted = true }
            return !state.hasStarted
        }
        guard isFirst else { return true }
        if (try? OSThread.start { [self] in main() }) != nil { return true }
        state.withLock { $0.hasStarted = false }
        return false
    }

    /// Starts connecting; false when no thread can be had.
    func connect() -> Bool {
        state.withLock { $0.isWanted = true }
        guard start() else { return false }
        wakeup.signal()
        return true
    }

    /// Sends what is under way and closes the connection, within some seconds. The thread goes on with its tasks, where
    /// it has any.
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
        while !state.withLock({ $0.isWanted || $0.isStopping }) { rest(milliseconds: -1) }
        var failures = 0
        while !isStopping {
            let generation = LinkDirectory.register(self)
            do {
                let connection = try connection(generation)
                failures = 0
                run(connection)
                close(connection)
                // Those that were ending have ended now.
                handOut()
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
        // Tasks of this process may still run here.
        while isHost.load(ordering: .acquiring) { rest(milliseconds: -1) }
    }

    /// Uses a connection until it is lost or the link is to stop.
    private func run(_ connection: NATSConnection) {
        do throws(TransportError) { try takeUp(connection) } catch { return }
        counters.connections.increment()
        logger.info("connected to NATS", metadata: ["connections": "\(counters.connections.load(ordering: .relaxed))"])
        tell(up: true)
        var nextTick: Int64 = 0
        standstill.begin(now: monotonicNow())
        while self.connection === connection, !isStopping {
            let now = monotonicNow()
            // Of the end of a drain nobody is told.
            let due = isDraining ? now + 2_000_000 : min(nextTick, requests.nextSweep ?? nextTick)
            connection.pump(milliseconds: patience(until: due, now: now), work: work)
            let after = monotonicNow()
            standstill.looked(now: after)
            requests.sweep(now: after)
            guard after >= nextTick else { continue }
            nextTick = after + Self.tickInterval
            tick(after)
            if connection.isClosed { closed(generation: connection.generation) }
        }
        let isLost = state.withLock { state in
            defer { state.connection = nil }
            return state.connection == nil
        }
        requests.failAll(.disconnected)
        if isLost { logger.warning("connection to NATS lost") } else { bringOut(connection) }
        tell(up: false)
    }

    /// Nanoseconds between two looks at the clock while nothing is due: a thread that has nothing to do is to sleep, and
    /// one that stood still is to notice it within a second.
    private static let tickInterval: Int64 = 500_000_000

    private var isDraining: Bool { state.withLock { $0.draining > 0 } }

    private func patience(until due: Int64, now: Int64) -> Int32 {
        executor.patience(Int32(clamping: max(0, due - now + 999_999) / 1_000_000))
    }

    /// Hands out what has been read, and runs tasks.
    private func work(hasRead: Bool) {
        if isHandOutDue.exchange(false, ordering: .acquiring) || hasRead || isDraining { handOut() }
        executor.run(rounds: Self.rounds)
    }

    /// Of tasks between two looks at the socket.
    private static let rounds = 16

    private func handOut() {
        for listener in state.withLock({ $0.handedOut }) { listener.handOut() }
    }

    /// Waits for up to `milliseconds` (below 0: for ever) or until it is woken, and runs tasks.
    func rest(milliseconds: Int32) {
        wakeup.wait(milliseconds: executor.patience(milliseconds))
        executor.run(rounds: Self.rounds)
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

    func tick(_ now: Int64) {
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
            rest(milliseconds: min(50, Int32(clamping: (end - now) / 1_000_000) + 1))
        }
    }

    /// Lets subscriptions that are ending hand out their last messages and sends what is under way.
    ///
    /// The library's drain of a whole connection is not used: this version tells twice of the end of a subscription
    /// that was being drained already, and frees it twice.
    private func bringOut(_ connection: NATSConnection) {
        let end = monotonicNow() + 3_000_000_000
        while isDraining, !connection.isClosed, monotonicNow() < end { pumpOut(connection) }
        // Waiting for the server's word blocks, and this thread has to carry it.
        try? elsewhere {
            _ = connection.flush(milliseconds: 2000)
        } meanwhile: {
            pumpOut(connection)
        }
    }

    private func pumpOut(_ connection: NATSConnection) {
        connection.pump(milliseconds: executor.patience(5), work: work)
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
