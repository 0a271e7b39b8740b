import Hummingbird
package import Messaging
import NIOPosix
package import Primitives
import ServiceKit
import ServiceLifecycle

/// The gateway: HTTP and sockets outside, typed requests to the services inside. It has no database and no business
/// rule.
package struct GatewayService: Sendable {
    typealias Responder = RouteTable.Responder<RouterResponder<GatewayContext>>

    let routes: RouteTable
    /// Where clients come in.
    let application: Application<Responder>
    /// What the application needs, in dependency order.
    let parts: [any Service]
    /// Every open socket.
    let hub: SocketHub
    /// What sockets may ask for.
    let commands: SocketCommands
    let runtime: Runtime

    /// - Parameters:
    ///   - transport: `nil` for NATS, as the configuration says.
    ///   - now: the clock by which tokens expire.
    /// - Throws: when the certificate cannot be used.
    package init(
        configuration: GatewayConfiguration, transport: (any Transport)? = nil,
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) throws {
        let runtime = Runtime(name: "gateway", configuration: configuration.runtime)
        let transport = transport ?? runtime.natsTransport(configuration.nats)
        let bus = MessageBus(transport: transport)
        let revocations = Revocations()
        let verifier = TokenVerifier(bus: bus, now: now)
        let loops = GatewayLoops(MultiThreadedEventLoopGroup.singleton)
        let rooms = RoomHub(bus: bus, loops: loops, logger: runtime.logger)
        let hub = SocketHub(
            loops: loops, rooms: rooms, revocations: revocations, drainTime: configuration.drainTime)
        let upkeep = IdentityUpkeep(
            verifier: verifier, revocations: revocations, bus: bus, logger: runtime.logger
        ) { hub.endRevoked() }
        let feed = EventFollower(
            hub: hub, transport: transport, revocations: revocations, upkeep: upkeep, bus: bus,
            logger: runtime.logger)
        let authenticator = Authenticator(
            verifier: verifier, revocations: revocations, isReady: { upkeep.isLoaded && feed.isReady })
        commands = SocketCommands(hub: hub, bus: bus, authenticator: authenticator)
        let door = PublicDoor(
            configuration: configuration, hub: hub,
            upgrade: SocketUpgrade(authenticator: authenticator, origins: OriginPolicy(configuration.corsOrigins)))
        routes = door.routes(transport, runtime.health, authenticator)
        application = try door.application(routes, runtime)
        parts = [
            transport, upkeep, rooms, feed, SocketWorker(hub: hub, commands: commands),
            SocketSweeper(hub: hub, now: now), SocketDrain(hub: hub, logger: runtime.logger),
        ]
        self.hub = hub
        self.runtime = runtime
        runtime.health.add("nats") { transport.isConnected ? nil : "not connected" }
        runtime.health.add("auth") { upkeep.isLoaded ? nil : "keys and revocations not fetched yet" }
        runtime.health.add("events") { feed.isReady ? nil : "not followed yet" }
        runtime.metrics.observe("orderline_sockets", help: "Open sockets.") { Double(hub.registry.count) }
    }

    /// Serves until told to stop.
    package func run() async throws { try await runtime.run(parts + [application]) }
}
