import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import Messaging
import NATSTransport
import NIOPosix
import NIOSSL
import Primitives
import ServiceKit
import ServiceLifecycle

/// The gateway: HTTP and sockets outside, typed requests to the services inside. It has no database and no business
/// rule.
package struct GatewayService: Sendable {
    private let configuration: GatewayConfiguration
    private let runtime: Runtime

    package init(configuration: GatewayConfiguration) {
        self.configuration = configuration
        runtime = Runtime(name: "gateway", configuration: configuration.runtime)
    }

    /// Serves until told to stop.
    package func run() async throws {
        let transport = NATSTransport(configuration: configuration.nats, logger: runtime.logger)
        let bus = MessageBus(transport: transport)
        let revocations = Revocations()
        let verifier = TokenVerifier(bus: bus)
        let signals = SignalQueue()
        let rooms = RoomHub(bus: bus, signals: signals, logger: runtime.logger)
        let loops = GatewayLoops(MultiThreadedEventLoopGroup.singleton)
        let hub = SocketHub(
            loops: loops, rooms: rooms, signals: signals, revocations: revocations, drainTime: configuration.drainTime)
        let upkeep = IdentityUpkeep(
            verifier: verifier, revocations: revocations, bus: bus, logger: runtime.logger
        ) { hub.endRevoked() }
        let feed = EventFeed(
            hub: hub, transport: transport, revocations: revocations, upkeep: upkeep, bus: bus,
            logger: runtime.logger)
        let authenticator = Authenticator(
            verifier: verifier, revocations: revocations, isReady: { upkeep.isLoaded && feed.isReady })
        let upgrade = SocketUpgrade(authenticator: authenticator, origins: OriginPolicy(configuration.corsOrigins))
        let table = routeTable(
            transport: transport, revocations: revocations, authenticator: authenticator, upgrade: upgrade)
        addHealthChecks(transport, upkeep, feed, hub)
        try await runtime.run([
            transport, upkeep, RoomUpkeep(rooms: rooms, signals: signals, transport: transport), feed,
            SocketWorker(hub: hub, commands: SocketCommands(hub: hub, bus: bus, authenticator: authenticator)),
            SocketSweeper(hub: hub), SocketDrain(hub: hub, logger: runtime.logger),
            try application(table, upgrade, hub),
        ])
    }

    private func routeTable(
        transport: NATSTransport, revocations: Revocations, authenticator: Authenticator, upgrade: SocketUpgrade
    ) -> RouteTable {
        // A limit for each service, so that one that is slow does not use up what the others need.
        let bus = {
            MessageBus(transport: transport, limit: RequestLimit(configuration.clientRequestLimit))
        }
        let hasTLS = configuration.tls != nil
        let proxies = TrustedProxies(configuration.trustedProxies)
        let routes =
            IdentityRoutes(bus: bus(), revocations: revocations).routes + OrderRoutes.routes(bus())
            + ChatRoutes.routes(bus())
            + SystemRoutes.routes(health: runtime.health) + upgrade.routes
        return RouteTable(routes, authenticator: authenticator) { request, context in
            hasTLS || (proxies?.saysHTTPS(peer: context.channel.remoteAddress, headers: request.headers) ?? false)
        }
    }

    private func application(_ table: RouteTable, _ upgrade: SocketUpgrade, _ hub: SocketHub) throws -> some Service {
        let router = Router(context: GatewayContext.self)
        router.addMiddleware {
            EdgeMiddleware(
                crossOrigin: CrossOrigin(origins: OriginPolicy(configuration.corsOrigins)),
                problems: ProblemResponder(logger: runtime.logger), metrics: RequestMetrics())
        }
        table.register(on: router)
        let responder = RouteTable.Responder(router: router.buildResponder())
        let channel = GatewayChannel(upgrade: upgrade, hub: hub, isSecure: configuration.tls != nil)
        // Not the builder's responder: that one writes to channels of another kind.
        var server = HTTPServerBuilder { _ in channel.serving(responder) }
        if let tls = configuration.tls { server = try .tls(server, tlsConfiguration: Self.tlsConfiguration(tls)) }
        return Application(
            responder: responder, server: server,
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                // Many come at once when a gateway has been restarted; the system's own bound is 4096 as well.
                backlog: 4096),
            logger: runtime.logger)
    }

    private static func tlsConfiguration(_ files: (certificate: String, key: String)) throws -> TLSConfiguration {
        let chain = try NIOSSLCertificate.fromPEMFile(files.certificate).map { NIOSSLCertificateSource.certificate($0) }
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem)))
        tls.minimumTLSVersion = .tlsv12
        return tls
    }

    private func addHealthChecks(
        _ transport: NATSTransport, _ upkeep: IdentityUpkeep, _ feed: EventFeed, _ hub: SocketHub
    ) {
        runtime.health.add("nats") { transport.isConnected ? nil : "not connected" }
        runtime.health.add("auth") { upkeep.isLoaded ? nil : "keys and revocations not fetched yet" }
        runtime.health.add("events") { feed.isReady ? nil : "not followed yet" }
        runtime.metrics.observe("orderline_sockets", help: "Open sockets.") { Double(hub.registry.count) }
    }
}
