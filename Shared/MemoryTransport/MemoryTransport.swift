package import Messaging
import ServiceLifecycle
import Synchronization

/// The transport of tests: all who share a `MemoryHub` reach each other in one process. It keeps the promises of
/// `Transport` and can break the link, as a network does; it keeps nothing for good.
package final class MemoryTransport: Transport {
    private let hub: MemoryHub
    private let limit: Int
    private let state = Mutex(State())

    private struct State {
        var isUp = true
        var handlers: [@Sendable (Bool) -> Void] = []
        var next: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<Result<Envelope, TransportError>, Never>] = [:]
    }

    /// - Parameter maximumOutstandingRequests: one more is refused with `.overloaded`.
    package init(hub: MemoryHub, maximumOutstandingRequests: Int = 4096) {
        self.hub = hub
        limit = maximumOutstandingRequests
    }

    /// Cuts the link, which ends every wait for an answer, or mends it. Tells those who asked to be told before it
    /// returns.
    package func setLink(up: Bool) {
        let (handlers, waiting) = state.withLock { state in
            guard state.isUp != up else {
                return ([@Sendable (Bool) -> Void](), state.waiting.values.filter { _ in false })
            }
            state.isUp = up
            defer { if !up { state.waiting = [:] } }
            return (state.handlers, up ? [] : Array(state.waiting.values))
        }
        for continuation in waiting { continuation.resume(returning: .failure(.disconnected)) }
        for handler in handlers { handler(up) }
        hub.wake()
    }

    /// Nothing has to be kept up: the link is there until a test cuts it.
    package func run() async throws { try await gracefulShutdown() }

    /// Whether no test has cut the link (`setLink`).
    package var isConnected: Bool { state.withLock { $0.isUp } }

    /// Not called for the link that is there from the beginning; then by whoever calls `setLink`, before that returns.
    package func onLinkChange(_ handler: @escaping @Sendable (_ connected: Bool) -> Void) {
        state.withLock { $0.handlers.append(handler) }
    }

    // MARK: Requests

    /// Whoever serves is found at once; of several the hub chooses. The bound on what is awaited is that of the
    /// initialiser.
    package func request(
        _ subject: String, _ message: Envelope, timeout: Duration
    ) async throws(TransportError) -> Envelope {
        guard isConnected else { throw .disconnected }
        guard hub.server(of: subject) != nil else { throw .noResponders }
        let number = state.withLock { state -> UInt64? in
            guard state.waiting.count < limit else { return nil }
            state.next += 1
            return state.next
        }
        guard let number else { throw .overloaded }
        let answer = await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await Task.sleep(for: timeout)
                    self.finish(number, .failure(.timeout))
                } catch {
                    // The answer has come, or the caller was cancelled.
                    self.finish(number, .failure(.failed("cancelled")))
                }
            }
            let answer = await withCheckedContinuation { continuation in
                let isUp = state.withLock { state in
                    if state.isUp, !Task.isCancelled { state.waiting[number] = continuation }
                    return state.isUp
                }
                guard isUp else { return continuation.resume(returning: .failure(.disconnected)) }
                if Task.isCancelled { return continuation.resume(returning: .failure(.failed("cancelled"))) }
                // One that closes meanwhile is passed over for the next.
                while let intake = hub.server(of: subject) {
                    let isTaken = intake.deliver(subject, message) { [weak self] in self?.finish(number, .success($0)) }
                    if isTaken { return }
                }
                finish(number, .failure(.noResponders))
            }
            group.cancelAll()
            return answer
        }
        return try answer.get()
    }

    private func finish(_ number: UInt64, _ answer: Result<Envelope, TransportError>) {
        state.withLock { $0.waiting.removeValue(forKey: number) }?.resume(returning: answer)
    }

    /// Takes requests through a `MemoryIntake`, which refuses those over the limit on the caller's own task.
    package func serve(
        _ subjects: [String], queue: String, limit: Int, refusal: Envelope,
        handler: @escaping @Sendable (_ subject: String, _ request: Envelope) async -> Envelope
    ) async throws(TransportError) {
        let intake = MemoryIntake(limit: limit, refusal: refusal) { [weak self] in self?.isConnected ?? false }
        hub.add(intake, subjects: subjects)
        await untilStopped {
            await withDiscardingTaskGroup { group in
                for await request in intake.requests {
                    group.addTask { intake.finish(request, await handler(request.subject, request.message)) }
                }
            }
        } stop: {
            self.hub.remove(intake)
            intake.close()
        }
    }

    // MARK: Signals

    /// Calls the handlers that match before it returns, unless another publisher is calling them: that one then calls
    /// them with this signal too.
    package func publish(_ subject: String, _ message: Envelope) throws(TransportError) {
        guard isConnected else { throw .disconnected }
        hub.publish(subject, message)
    }

    /// Listens from the moment it returns; the link's being down loses what is published meanwhile.
    package func subscribe(
        _ subject: String, handler: @escaping @Sendable (_ subject: String, _ message: Envelope) -> Void
    ) async throws(TransportError) -> any TransportSubscription {
        let mailbox = MemoryMailbox(pattern: subject, hub: hub, handler: handler) { [weak self] in
            self?.isConnected ?? false
        }
        hub.add(mailbox)
        return mailbox
    }

    // MARK: Events

    /// Acknowledged at once, or refused: `timeout` does not count here.
    package func append(
        _ subject: String, id: String, _ message: Envelope, timeout: Duration
    ) async throws(TransportError) -> UInt64 {
        guard isConnected else { throw .disconnected }
        guard let sequence = hub.append(subject, id: id, message) else { throw .noResponders }
        return sequence
    }

    /// Takes from the hub's durable consumer of that name; one that is not there is waited for. `missed` is never
    /// called: tests of what was missed run against a real stream.
    package func consume(
        _ consumer: String, concurrency: Int, missed: @escaping @Sendable () -> Void,
        handler: @escaping @Sendable (StreamEvent) async -> EventDisposition
    ) async throws(TransportError) {
        let wakeup = MemoryWakeup()
        hub.add(wakeup)
        defer { hub.remove(wakeup) }
        await untilStopped {
            await withDiscardingTaskGroup { group in
                group.addTask { await wakeup.tick() }
                while !wakeup.isStopped {
                    guard isConnected, wakeup.running.load(ordering: .relaxed) < concurrency,
                        let taken = hub.take(consumer)
                    else {
                        await wakeup.wait()
                        continue
                    }
                    wakeup.running.wrappingAdd(1, ordering: .relaxed)
                    group.addTask {
                        let disposition = await handler(taken.event)
                        self.hub.finish(taken, consumer, disposition)
                        wakeup.running.wrappingSubtract(1, ordering: .relaxed)
                        wakeup.ring()
                    }
                }
            }
        } stop: {
            wakeup.stop()
        }
    }

    /// Follows the hub's stream from its end; the hub says when a place in it is no more, which gives `.gap`.
    package func follow(handler: @escaping @Sendable (FollowedEvent) async -> Void) async throws(TransportError) {
        let wakeup = MemoryWakeup()
        hub.add(wakeup)
        defer { hub.remove(wakeup) }
        await untilStopped {
            await withDiscardingTaskGroup { group in
                group.addTask { await wakeup.tick() }
                group.addTask { await self.follow(wakeup, handler) }
            }
        } stop: {
            wakeup.stop()
        }
    }

    private func follow(_ wakeup: MemoryWakeup, _ handler: @Sendable (FollowedEvent) async -> Void) async {
        var place: MemoryStream.Place?
        while !wakeup.isStopped {
            guard isConnected, let next = hub.next(&place) else {
                await wakeup.wait()
                continue
            }
            await handler(next)
        }
    }

    /// Runs `body`; calls `stop` when the task is cancelled or shut down gracefully, upon which `body` is expected to
    /// return.
    private func untilStopped(_ body: () async -> Void, stop: @escaping @Sendable () -> Void) async {
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler(operation: body, onCancel: stop)
        } onGracefulShutdown: {
            stop()
        }
    }
}
