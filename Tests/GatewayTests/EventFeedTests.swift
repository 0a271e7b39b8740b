import Contracts
import Logging
import Messaging
import NIOCore
import NIOEmbedded
import Primitives
import ServiceLifecycle
import Synchronization
import Testing

@testable import GatewayService

/// What becomes of sockets and tokens when events may have been missed.
struct EventFeedTests {
    private let caller = Caller(userID: .make(), sessionID: .make(), role: .regular, name: "Ann")

    /// The parts of a gateway that follow events, and auth in memory.
    private final class Gateway: Sendable {
        let memory = MemoryHub()
        let hub: SocketHub
        let upkeep: IdentityUpkeep
        let feed: EventFeed
        let revocations = Revocations()
        let authenticator: Authenticator
        /// Whether auth answers.
        let isAuthThere = Mutex(true)
        let ended = Mutex<[Identifier]>([])
        private let auth: MemoryTransport
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

        init() {
            auth = MemoryTransport(hub: memory)
            let transport = MemoryTransport(hub: memory)
            let bus = MessageBus(transport: transport)
            let signals = SignalQueue()
            let hub = SocketHub(
                loops: GatewayLoops(NIOAsyncTestingEventLoop()),
                rooms: RoomHub(bus: bus, signals: signals, logger: logger), signals: signals,
                revocations: revocations, drainTime: .zero)
            let verifier = TokenVerifier(bus: bus)
            let upkeep = IdentityUpkeep(verifier: verifier, revocations: revocations, bus: bus, logger: logger) {
                hub.endRevoked()
            }
            let feed = EventFeed(
                hub: hub, transport: transport, revocations: revocations, upkeep: upkeep, bus: bus, logger: logger)
            authenticator = Authenticator(
                verifier: verifier, revocations: revocations, isReady: { upkeep.isLoaded && feed.isReady })
            (self.hub, self.upkeep, self.feed) = (hub, upkeep, feed)
        }

        var isReady: Bool { authenticator.isReady() }

        /// Runs both until `body` has returned and they have stopped gracefully; returns how long that took.
        func run(_ body: () async throws -> Void) async throws -> Duration {
            let group = ServiceGroup(
                configuration: .init(services: [.init(service: upkeep), .init(service: feed)], logger: logger))
            return try await withThrowingTaskGroup(of: Void.self, returning: Duration.self) { tasks in
                tasks.addTask { try await self.answer() }
                let took = try await withThrowingTaskGroup(of: Void.self, returning: Duration.self) { services in
                    services.addTask { try await group.run() }
                    try await body()
                    let begun = ContinuousClock.now
                    await group.triggerGracefulShutdown()
                    try await services.waitForAll()
                    return ContinuousClock.now - begun
                }
                tasks.cancelAll()
                return took
            }
        }

        private func answer() async throws {
            try await auth.serve(
                ["auth.keys", "auth.revocations"], queue: "auth", limit: 10, refusal: Envelope(error: .overloaded)
            ) { subject, _ in
                guard self.isAuthThere.withLock({ $0 }) else { return Envelope(error: .unavailable) }
                let list = RevocationList(sessions: self.ended.withLock { $0 }, users: [])
                return Envelope(
                    payload: subject == "auth.keys" ? Array(#"{"keys":[]}"#.utf8) : JSONWriter.encode(list))
            }
        }

        func socket(_ caller: Caller) async throws -> TestSocket {
            let socket = try await TestSocket(caller)
            hub.opened(socket.live)
            return socket
        }

        func until(_ isTrue: () async -> Bool) async {
            let end = ContinuousClock.now + .seconds(10)
            while !(await isTrue()), ContinuousClock.now < end { await Task.yield() }
            #expect(await isTrue())
        }
    }

    @Test("After a gap sockets are told to reconnect within a second, whether auth answers or not, and a stop is quick")
    func gapWithoutAuth() async throws {
        let gateway = Gateway()
        let took = try await gateway.run {
            await gateway.until { gateway.isReady }
            let socket = try await gateway.socket(caller)
            gateway.isAuthThere.withLock { $0 = false }
            gateway.memory.replaceStream()
            await gateway.until { !gateway.isReady }
            await gateway.until {
                await socket.advance(by: .milliseconds(900))
                return socket.live.isClosed
            }
            #expect(try await socket.read().last == "close 1012")
            // Nobody knows now whose session has ended.
            await #expect(throws: ServiceError.unavailable) { try await gateway.authenticator.verify("any") }
        }
        #expect(took < .seconds(5))
    }

    @Test("A gateway that never reached auth stops as quickly")
    func startWithoutAuth() async throws {
        let gateway = Gateway()
        gateway.isAuthThere.withLock { $0 = false }
        let took = try await gateway.run { await gateway.until { gateway.feed.isReady } }
        #expect(!gateway.isReady)
        #expect(took < .seconds(5))
    }

    @Test("Sessions that ended in the gap are told so, and tokens are believed again when auth has answered")
    func gap() async throws {
        let gateway = Gateway()
        _ = try await gateway.run {
            await gateway.until { gateway.isReady }
            let (ended, staying) = (
                try await gateway.socket(caller),
                try await gateway.socket(Caller(userID: .make(), sessionID: .make(), role: .admin, name: "Bob"))
            )
            gateway.ended.withLock { $0 = [caller.sessionID] }
            gateway.memory.replaceStream()
            let came = try await ended.read { $0.last == "close 4401" }
            #expect(came.contains { $0.contains("sessionEnded") })
            await gateway.until {
                await staying.advance(by: .milliseconds(900))
                return staying.live.isClosed
            }
            #expect(try await staying.read() == ["close 1012"])
            await gateway.until { gateway.isReady }
        }
    }

    @Test("Events are taken while auth does not answer")
    func eventsGoOn() async throws {
        let gateway = Gateway()
        _ = try await gateway.run {
            await gateway.until { gateway.isReady }
            gateway.isAuthThere.withLock { $0 = false }
            gateway.memory.replaceStream()
            await gateway.until { !gateway.isReady }
            let event = Auth.SessionEnded(
                sessionId: caller.sessionID, userId: caller.userID, reason: .loggedOut, at: .now())
            _ = try await MemoryTransport(hub: gateway.memory).append(
                Auth.SessionEnded.subject, id: "1", Envelope(payload: JSONWriter.encode(event)), timeout: .seconds(1))
            await gateway.until { gateway.revocations.end(of: caller) != nil }
        }
    }
}
