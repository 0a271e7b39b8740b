import Contracts
import Logging
import Messaging
import ServiceLifecycle
import Synchronization
import Threads

/// Fetches keys and revocations at start, before the gateway is ready, and again every minute and whenever something
/// may have been missed.
///
/// Whoever finds that says so by `doubt` and goes on: only this waits for auth, and it stops when the gateway does. What
/// could not be fetched for longer than `patience` counts as nothing known: no token is believed then.
final class IdentityUpkeep: Service {
    private let verifier: TokenVerifier
    private let revocations: Revocations
    private let bus: MessageBus
    private let logger: Logger
    /// Called after each time they were fetched.
    private let refreshed: @Sendable () -> Void
    /// As long as an access token lives as a rule: while auth is away nobody gets a new one.
    static let patience = Duration.seconds(900)
    private let now: @Sendable () -> ContinuousClock.Instant

    private struct State {
        /// Whether it has been said that auth's keys are not taken.
        var isRefusalTold = false
        /// When what was fetched last was asked for; `nil` when something may have been missed since.
        var loadedAt: ContinuousClock.Instant?
        /// How often there was a doubt: what was asked for before the last one does not settle it.
        var doubts = 0
    }

    private let state = Mutex(State())
    /// One element says enough: whoever takes it asks for all there is.
    private let wishes: AsyncStream<Void>
    private let wishSource: AsyncStream<Void>.Continuation

    init(
        verifier: TokenVerifier, revocations: Revocations, bus: MessageBus, logger: Logger,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }, refreshed: @escaping @Sendable () -> Void
    ) {
        self.now = now
        self.refreshed = refreshed
        self.verifier = verifier
        self.revocations = revocations
        self.bus = bus
        self.logger = logger
        (wishes, wishSource) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Whether keys and revocations have been fetched of late, and nothing may have been missed since.
    var isLoaded: Bool {
        guard let loadedAt = state.withLock({ $0.loadedAt }) else { return false }
        return now() - loadedAt < Self.patience
    }

    /// Has both fetched again soon; what is known is believed meanwhile.
    func wish() { wishSource.yield() }

    /// Nothing is believed any more until both have been fetched anew, which is begun.
    func doubt() {
        state.withLock { state in
            state.doubts += 1
            state.loadedAt = nil
        }
        wish()
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    while !Task.isCancelled {
                        self.wish()
                        try? await Pause.sleep(for: .seconds(60))
                    }
                }
                for await _ in self.wishes {
                    while !Task.isCancelled, !(await self.load()) {
                        // What is refused stays so until somebody restarts auth or this process.
                        try? await Pause.sleep(for: self.verifier.refusesKeys ? .seconds(1) : .milliseconds(100))
                    }
                }
            }
        }
    }

    /// Once for each time that it begins.
    private func tellOfRefusal() {
        let isNews = state.withLock { state in
            defer { state.isRefusalTold = verifier.refusesKeys }
            return verifier.refusesKeys && !state.isRefusalTold
        }
        guard isNews else { return }
        logger.error("auth tells of none of the keys known here: not taken, restart the gateway if they were replaced")
    }

    /// - Returns: whether both could be fetched.
    private func load() async -> Bool {
        let (begun, time) = (state.withLock { $0.doubts }, now())
        do {
            guard await verifier.loadKeys() else {
                tellOfRefusal()
                return false
            }
            var page = try await bus.call(Auth.Revocations(), context: .background())
            revocations.merge(page)
            while let next = page.next {
                page = try await bus.call(Auth.Revocations(after: next), context: .background())
                revocations.merge(page)
            }
        } catch {
            if isLoaded { logger.warning("keys and revocations not refreshed", metadata: ["error": "\(error)"]) }
            return false
        }
        state.withLock { $0.isRefusalTold = false }
        refreshed()
        return state.withLock { state in
            guard state.doubts == begun else { return false }
            state.loadedAt = time
            return true
        }
    }
}
