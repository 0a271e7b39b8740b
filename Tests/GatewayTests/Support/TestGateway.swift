import Configuration
import Contracts
import HTTPServer
import Hummingbird
import HummingbirdTesting
import MemoryTransport
import Messaging
import Primitives
import ServiceKit
import ServiceLifecycle
import Synchronization
import TestKit
import Testing

@testable import GatewayService
@testable import SocketServer

/// A whole gateway over the in-memory transport, with a clock that the test sets and services that it scripts.
final class TestGateway: Sendable {
    let memory = MemoryHub()
    let auth: ScriptedAuth
    let chat: ScriptedChat
    let transport: MemoryTransport
    let service: GatewayService
    private let wall: Clock
    /// Of sockets that have no worker yet.
    private let loops: AsyncStream<SocketLoop>
    private let loopSource: AsyncStream<SocketLoop>.Continuation

    /// A wall clock.
    private final class Clock: Sendable {
        let time = Mutex(Timestamp.now())
    }

    var hub: SocketHub { service.hub }
    var rooms: RoomHub { service.hub.rooms }
    var revocations: Revocations { service.hub.revocations }

    private init(_ settings: [String: String]) throws {
        auth = ScriptedAuth(transport: MemoryTransport(hub: memory))
        chat = ScriptedChat(transport: MemoryTransport(hub: memory))
        transport = MemoryTransport(hub: memory)
        let wall = Clock()
        self.wall = wall
        (loops, loopSource) = AsyncStream.makeStream()
        service = try Self.service(settings, transport: transport) { wall.time.withLock { $0 } }
    }

    /// One that is not run.
    static func service(
        _ settings: [String: String], transport: MemoryTransport, now: @escaping WallClock = { .now() }
    ) throws -> GatewayService {
        var settings = settings
        for (name, value) in ["LOG_LEVEL": "critical", "PORT": "0", "DRAIN_TIME": "0s"] where settings[name] == nil {
            settings[name] = value
        }
        let reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: settings))
        return try GatewayService(
            configuration: GatewayConfiguration(reader: reader), transport: transport, now: now)
    }

    // MARK: Running

    /// Runs `body` beside a gateway that is ready, and stops that gracefully.
    /// - Parameter isOldChat: whether chat is of a version that does not know `chat.catch-up`.
    /// - Returns: how long the stop took.
    @discardableResult
    static func with(
        _ settings: [String: String] = [:], isOldChat: Bool = false, isAuthThere: Bool = true,
        _ body: (TestGateway) async throws -> Void
    ) async throws -> Duration {
        let gateway = try TestGateway(settings)
        gateway.chat.state.withLock { $0.isOld = isOldChat }
        gateway.auth.state.withLock { $0.isThere = isAuthThere }
        let group = ServiceGroup(
            configuration: .init(
                services: gateway.service.parts.map { .init(service: $0) }, logger: gateway.service.runtime.logger))
        return try await withThrowingTaskGroup(of: Void.self, returning: Duration.self) { tasks in
            tasks.addTask { try await gateway.chat.serve() }
            tasks.addTask { try await gateway.auth.serve() }
            tasks.addTask { await gateway.workOnTestSockets() }
            let took = try await withThrowingTaskGroup(of: Void.self, returning: Duration.self) { services in
                services.addTask { try await group.run() }
                try await gateway.chat.waitUntilServed()
                if isAuthThere { try await eventually("it is ready") { await gateway.failing.isEmpty } }
                try await body(gateway)
                let begun = ContinuousClock.now
                await group.triggerGracefulShutdown()
                try await services.waitForAll()
                return ContinuousClock.now - begun
            }
            tasks.cancelAll()
            return took
        }
    }

    /// The same with a client of its routes.
    static func withClient(
        _ settings: [String: String] = [:],
        _ body: @Sendable (TestGateway, any TestClientProtocol) async throws -> Void
    ) async throws {
        try await with(settings) { gateway in
            try await Application(responder: gateway.service.responder).test(.router) { client in
                try await body(gateway, client)
            }
        }
    }

    /// The same with the port at which it takes connections.
    static func withPort(
        _ settings: [String: String] = [:], _ body: @Sendable (TestGateway, _ port: Int) async throws -> Void
    ) async throws {
        try await with(settings) { gateway in
            let (ports, source) = AsyncStream<Int>.makeStream()
            let listener = gateway.service.listener.telling { source.yield($0) }
            let group = ServiceGroup(
                configuration: .init(services: [.init(service: listener)], logger: gateway.service.runtime.logger))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                for await port in ports {
                    try await body(gateway, port)
                    break
                }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }

    /// The parts that are not well.
    var failing: [String] { get async { await service.runtime.health.failures().map(\.part) } }

    // MARK: Time and tokens

    var now: Timestamp { wall.time.withLock { $0 } }

    func pass(seconds: Int64) { wall.time.withLock { $0 = $0.advanced(bySeconds: seconds) } }

    /// Returns when keys were fetched more than a second ago, so that an unknown one is asked for at once.
    func letKeysAge() async throws {
        let verifier = service.commands.authenticator.verifier
        try await eventually("keys are old") {
            // An answer that is on its way would make them new, and does not know what the test does next.
            !verifier.isLoading && (verifier.loadedAt.map { ContinuousClock.now - $0 > .seconds(1) } ?? false)
        }
    }

    /// A token that is good for ten minutes.
    func token(for caller: Caller) async throws -> String {
        try await auth.token(for: caller, expiresAt: now.advanced(bySeconds: 600))
    }

    func verified(_ caller: Caller) -> VerifiedToken {
        VerifiedToken(caller: caller, expiresAt: now.advanced(bySeconds: 600))
    }

    // MARK: Sockets

    /// A socket that said in its handshake who it is, or nobody's. What it sends is worked on as in a real one.
    func socket(_ caller: Caller?, door: LiveSocket.Door = .webSocket) async throws -> TestSocket {
        let socket = try await TestSocket(caller.map(verified), door: door, gateway: service)
        loopSource.yield(socket.live.connection.loop)
        return socket
    }

    private func workOnTestSockets() async {
        await withDiscardingTaskGroup { group in
            for await loop in loops {
                group.addTask { await SocketWorker.work(on: loop) }
            }
        }
    }

    func join(_ socket: TestSocket, _ room: Identifier, after: Int? = nil) async throws {
        let caller = try #require(socket.live.caller)
        try await rooms.join(
            socket.live, Chat.Join(orderID: room, after: after),
            context: CallContext(caller: caller, requestID: "test")
        ) { _, _ in socket.live.reply(to: 1, .success(Array("{}".utf8))) }
    }

    /// Signs the socket in anew, as `authenticate` does once the token is verified.
    func signIn(_ socket: TestSocket, as caller: Caller) async throws {
        let places = try await hub.signIn(socket.live, verified(caller))
        await rooms.resume(socket.live, places, context: CallContext(caller: caller, requestID: "test"))
    }
}

extension Caller {
    /// The same person with another role, or in another session.
    func again(_ role: Role? = nil, session: Identifier? = nil) -> Caller {
        Caller(userID: userID, sessionID: session ?? sessionID, role: role ?? self.role, name: name)
    }
}
