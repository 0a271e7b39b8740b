import Contracts
import Logging
import Messaging
import ServiceLifecycle
import Synchronization

/// Fetches keys and revocations at start, before the gateway is ready, and again every minute and whenever something
/// may have been missed.
final class IdentityUpkeep: Service {
    private let verifier: TokenVerifier
    private let revocations: Revocations
    private let bus: MessageBus
    private let logger: Logger
    /// Called after each time they were fetched.
    private let refreshed: @Sendable () -> Void
    private let loaded = Atomic<Bool>(false)

    init(
        verifier: TokenVerifier, revocations: Revocations, bus: MessageBus, logger: Logger,
        refreshed: @escaping @Sendable () -> Void
    ) {
        self.refreshed = refreshed
        self.verifier = verifier
        self.revocations = revocations
        self.bus = bus
        self.logger = logger
    }

    /// Whether keys and revocations have been fetched at least once.
    var isLoaded: Bool { loaded.load(ordering: .acquiring) }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let isFresh = await self.load()
                try? await Task.sleep(for: isFresh ? .seconds(60) : .milliseconds(100))
            }
        }
    }

    /// Nothing is believed any more until both have been fetched anew; returns then, or when told to stop.
    func reload() async {
        loaded.store(false, ordering: .releasing)
        while !Task.isCancelled, !(await load()) { try? await Task.sleep(for: .milliseconds(100)) }
    }

    /// - Returns: whether both could be fetched.
    func load() async -> Bool {
        do {
            guard await verifier.loadKeys() else { return false }
            var page = try await bus.call(Auth.Revocations(), context: .background())
            revocations.merge(page)
            while let next = page.next {
                page = try await bus.call(Auth.Revocations(after: next), context: .background())
                revocations.merge(page)
            }
            refreshed()
            loaded.store(true, ordering: .releasing)
            return true
        } catch {
            if isLoaded { logger.warning("keys and revocations not refreshed", metadata: ["error": "\(error)"]) }
            return false
        }
    }
}
