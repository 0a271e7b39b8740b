import Contracts
import Logging
import Messaging
import ServiceLifecycle
import Synchronization

/// Fetches keys and revocations at start, before the gateway is ready, and again every minute and whenever something
/// may have been missed.
///
/// Whoever finds that says so by `doubt` and goes on: only this waits for auth, and it stops when the gateway does.
final class IdentityUpkeep: Service {
    private let verifier: TokenVerifier
    private let revocations: Revocations
    private let bus: MessageBus
    private let logger: Logger
    /// Called after each time they were fetched.
    private let refreshed: @Sendable () -> Void
    private let loaded = Atomic<Bool>(false)
    /// Whether it has been said that auth's keys are not taken.
    private let refused = Atomic<Bool>(false)
    /// How often there was a doubt: what was asked for before the last one does not settle it.
    private let doubts = Mutex(0)
    /// One element says enough: whoever takes it asks for all there is.
    private let wishes: AsyncStream<Void>
    private let wishSource: AsyncStream<Void>.Continuation

    init(
        verifier: TokenVerifier, revocations: Revocations, bus: MessageBus, logger: Logger,
        refreshed: @escaping @Sendable () -> Void
    ) {
        self.refreshed = refreshed
        self.verifier = verifier
        self.revocations = revocations
        self.bus = bus
        self.logger = logger
        (wishes, wishSource) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Whether keys and revocations have been fetched, and nothing may have been missed since.
    var isLoaded: Bool { loaded.load(ordering: .acquiring) }

    /// Nothing is believed any more until both have been fetched anew, which is begun.
    func doubt() {
        doubts.withLock { doubts in
            doubts += 1
            loaded.store(false, ordering: .releasing)
        }
        wishSource.yield()
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    while !Task.isCancelled {
                        self.wishSource.yield()
                        try? await Task.sleep(for: .seconds(60))
                    }
                }
                for await _ in self.wishes {
                    while !Task.isCancelled, !(await self.load()) {
                        // What is refused stays so until somebody restarts auth or this process.
                        try? await Task.sleep(for: self.verifier.refusesKeys ? .seconds(1) : .milliseconds(100))
                    }
                }
            }
        }
    }

    /// Once for each time that it begins.
    private func tellOfRefusal() {
        let refuses = verifier.refusesKeys
        guard refused.exchange(refuses, ordering: .relaxed) != refuses, refuses else { return }
        logger.error("auth tells of none of the keys known here: not taken, restart the gateway if they were replaced")
    }

    /// - Returns: whether both could be fetched.
    private func load() async -> Bool {
        let begun = doubts.withLock { $0 }
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
        refused.store(false, ordering: .relaxed)
        refreshed()
        return doubts.withLock { doubts in
            guard doubts == begun else { return false }
            loaded.store(true, ordering: .releasing)
            return true
        }
    }
}
