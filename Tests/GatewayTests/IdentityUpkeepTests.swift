import Contracts
import MemoryTransport
import Messaging
import Primitives
import Synchronization
import TestKit
import Testing

@testable import GatewayService

@Suite(.bounded)
struct IdentityUpkeepTests {
    @Test("What auth has not confirmed for as long as a token lives is believed no longer, until auth answers again")
    func patience() async throws {
        let hub = MemoryHub()
        let (auth, transport) = (ScriptedAuth(transport: MemoryTransport(hub: hub)), MemoryTransport(hub: hub))
        let begun = ContinuousClock.now
        let passed = Mutex(Duration.zero)
        let bus = MessageBus(transport: transport)
        let upkeep = IdentityUpkeep(
            verifier: TokenVerifier(bus: bus), revocations: Revocations(), bus: bus, logger: .silent,
            now: { begun + passed.withLock { $0 } }, refreshed: {})
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await auth.serve() }
            group.addTask { try await upkeep.run() }
            try await eventually("it is fetched") { upkeep.isLoaded }
            auth.state.withLock { $0.isThere = false }
            upkeep.wish()
            passed.withLock { $0 = IdentityUpkeep.patience - .seconds(1) }
            #expect(upkeep.isLoaded)
            passed.withLock { $0 = IdentityUpkeep.patience }
            #expect(!upkeep.isLoaded)
            auth.state.withLock { $0.isThere = true }
            try await eventually("it is fetched again") { upkeep.isLoaded }
            group.cancelAll()
        }
    }
}
