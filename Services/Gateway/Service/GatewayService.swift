import Configuration
import Contracts
import HTTPServer
import Hummingbird
package import Messaging
import NIOCore
import NIOPosix
package import Primitives
import ServiceKit
import ServiceLifecycle
import SocketServer

/// The gateway: HTTP and sockets outside, typed requests to the services inside. It has no database and no business
/// rule.
package struct GatewayService: Sendable {
    typealias Responder = RouteTable.Responder<RouterResponder<GatewayContext>>

    let routes: RouteTable
    /// What answers requests.
    let responder: Responder
    /// Where clients come in.
    let listener: HTTPListener<Responder>
    /// What the application needs, in dependency order.
    private(set) var parts: [any Service]
    /// Every open socket.
    let hub: SocketHub
    /// What sockets may ask for.
    let commands: SocketCommands
    /// Where they come from.
    let acceptor: SocketAcceptor
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
        let verifier = TokenVerifier(bus: bus, parties: configuration.parties, now: now)
        let loops = SocketLoops(MultiThreadedEventLoopGroup.singleton)
        // By which other gateways know this process, and no process before it.
        let id = GatewayID.make()
        let rooms = RoomHub(id: id, bus: bus, loops: loops, logger: runtime.logger)
        let hub = SocketHub(
            rooms: rooms, revocations: revocations, drainTime: configuration.drainTime,
            perUser: configuration.limitsClients ? configuration.connections.each : .max, now: now)
        let upkeep = IdentityUpkeep(
            verifier: verifier, revocations: revocations, bus: bus, logger: runtime.logger
        ) {
            hub.endRevoked()
            hub.endUnsigned(verifier)
        }
        let feed = EventFollower(
            hub: hub, transport: transport, verifier: verifier, revocations: revocations, upkeep: upkeep, bus: bus,
            logger: runtime.logger)
        let authenticator = Authenticator(
            verifier: verifier, revocations: revocations, isReady: { upkeep.isLoaded && feed.isReady })
        commands = SocketCommands(
            hub: hub, bus: bus, authenticator: authenticator, security: runtime.security)
        acceptor = SocketAcceptor(Self.socketSettings(configuration), loops: loops, name: id.description)
        let relay = SessionRelay(acceptor, id, transport: transport, logger: runtime.logger)
        let limiter = configuration.limitsClients ? RateLimiter(configuration.budgets) : nil
        let proxies = TrustedProxies(configuration.trustedProxies) ?? .none
        let door = PublicDoor(
            configuration: configuration, proxies: proxies,
            sockets: SocketDoors(
                acceptor: acceptor, hub: hub, commands: commands, origins: OriginPolicy(configuration.corsOrigins),
                proxies: proxies, scheme: ClientScheme(hasTLS: configuration.tls != nil, proxies: proxies),
                strangers: configuration.limitsClients
                    ? StrangerLimit(
                        perAddress: configuration.connections.strangers.each,
                        inAll: configuration.connections.strangers.inAll) : .none,
                relay: relay, limiter: limiter),
            limiter: limiter)
        routes = door.routes(transport, runtime, authenticator)
        let edge = door.edge(runtime)
        responder = door.responder(routes, edge)
        let tls = try configuration.tls.map {
            try TLSIdentity(certificate: $0.certificate, key: $0.key, logger: runtime.logger)
        }
        listener = door.listener(responder, edge, tls: tls, runtime)
        door.warn(runtime)
        parts = [
            transport, upkeep, rooms, feed, SocketWorker(loops), SocketSweeper(acceptor), relay,
            SocketDrain(hub: hub, logger: runtime.logger),
        ]
        if let tls { parts.append(tls) }
        if let limiter {
            parts.append(RateSharing(id: id, limiter: limiter, transport: transport))
            runtime.metrics.observe(
                "orderline_rate_limited", help: "Requests refused because a budget was used up."
            ) { Double(limiter.refusedCount) }
            runtime.metrics.observe("orderline_rate_budgets", help: "Budgets of clients that are remembered.") {
                Double(limiter.rememberedCount)
            }
        }
        self.hub = hub
        self.runtime = runtime
        runtime.health.add("nats") { transport.isConnected ? nil : "not connected" }
        runtime.health.add("auth") { upkeep.isLoaded ? nil : "keys and revocations not fetched yet" }
        runtime.health.add("events") { feed.isReady ? nil : "not followed yet" }
        runtime.metrics.observe("orderline_sockets", help: "Open sockets.") { Double(hub.registry.count) }
        runtime.metrics.observe(
            "orderline_signals_passed_over", help: "Signals of other gateways not read, or too much."
        ) { Double(rooms.passedOver.value) }
    }

    private static func socketSettings(_ configuration: GatewayConfiguration) -> SocketSettings {
        var settings = SocketSettings()
        if configuration.limitsClients {
            let (count, period) = configuration.socketBudget
            settings.budget = .init(count: count, period: .milliseconds(period.milliseconds))
        }
        return settings
    }

    /// The documents that describe the interface, as files for people to read; nothing is served for them.
    package static func documents() throws -> [(name: String, text: String)] {
        let reader = ConfigReader(provider: InMemoryProvider(values: [:]))
        let contract = try GatewayService(configuration: GatewayConfiguration(reader: reader)).routes.contract
        return [("openapi.json", contract.openAPI), ("asyncapi.json", contract.asyncAPI)].map {
            ($0, $1.value.indented + "\n")
        }
    }

    /// Serves until told to stop.
    package func run() async throws {
        let server = DrainingServer(server: listener, drain: SocketDrain(hub: hub, logger: runtime.logger))
        try await runtime.run(parts + [server])
    }
}
