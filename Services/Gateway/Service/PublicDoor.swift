import HTTPServer
import Hummingbird
import Logging
import Messaging
import Primitives
import ServiceKit
import SocketServer

/// The address where clients come in: its routes, what is done for every request there, and its connections.
struct PublicDoor {
    let configuration: GatewayConfiguration
    let proxies: TrustedProxies
    let sockets: SocketDoors
    /// `nil` where clients are not limited.
    let limiter: RateLimiter?

    /// Every route of the public interface.
    func routes(_ transport: any Transport, _ runtime: Runtime, _ authenticator: Authenticator) -> RouteTable {
        // A limit for each service, so that one that is slow does not use up what the others need.
        let bus = {
            MessageBus(transport: transport, limit: RequestLimit(configuration.clientRequestLimit))
        }
        let identity = IdentityRoutes(
            bus: bus(), revocations: authenticator.revocations, cookie: RefreshCookie(origins: sockets.origins))
        let chat = bus()
        let transcripts = TranscriptRoute(bus: chat, revocations: authenticator.revocations, logger: runtime.logger)
        let routes =
            identity.routes + OrderRoutes.routes(bus()) + ChatRoutes.routes(chat, transcripts: transcripts)
            + SystemRoutes.routes(health: runtime.health) + sockets.routes
            + PageRoutes.routes(WebAssets(directory: configuration.docsAssets))
            + ConsoleRoutes.routes(configuration.hasConsole ? Console() : nil)
        return RouteTable(routes, authenticator: authenticator, security: runtime.security, limiter: limiter)
    }

    /// What answers requests: edge and routes.
    func responder(_ table: RouteTable, _ edge: EdgeMiddleware) -> GatewayService.Responder {
        let router = Router(context: GatewayContext.self)
        router.addMiddleware { edge }
        table.register(on: router)
        return RouteTable.Responder(router: router.buildResponder())
    }

    func edge(_ runtime: Runtime) -> EdgeMiddleware {
        EdgeMiddleware(
            crossOrigin: CrossOrigin(origins: sockets.origins), problems: ProblemResponder(logger: runtime.logger),
            metrics: RequestMetrics(runtime.metrics), proxies: proxies, scheme: sockets.scheme, limiter: limiter)
    }

    func listener(
        _ responder: GatewayService.Responder, _ edge: EdgeMiddleware, tls: TLSIdentity?, _ runtime: Runtime
    ) -> HTTPListener<GatewayService.Responder> {
        let bounds = configuration.connections
        let table = ConnectionTable(
            limit: bounds.inAll, perAddress: configuration.limitsClients ? bounds.each : .max,
            isExempt: { [proxies] in proxies.trusts($0) })
        let loops = sockets.acceptor.loops
        runtime.metrics.observe("orderline_connections", help: "Open connections of clients.") { Double(table.count) }
        runtime.metrics.observe("orderline_connections_refused", help: "Connections refused: too many.") {
            Double(table.refusedCount)
        }
        runtime.metrics.observe(
            "orderline_connections_gave_way", help: "Connections that waited for their client, ended for others."
        ) { Double(table.gaveWayCount) }
        return HTTPListener(
            responder, host: configuration.host, port: configuration.port,
            configuration: GatewayChannel(doors: sockets, edge: edge).configuration, connections: table, tls: tls,
            executor: { loops[$0]?.executor ?? EventLoopExecutor($0) }, logger: runtime.logger)
    }

    /// Says loudly what is open to whoever is on the way (OWASP ASVS 5, V12.2.1).
    func warn(_ runtime: Runtime) {
        guard configuration.isOpenInTheClear else { return }
        runtime.logger.warning(
            "reachable from other machines without TLS: passwords and tokens can be read on the way",
            metadata: ["host": "\(configuration.host)", "mend": "set TLS_CERT and TLS_KEY, or TRUSTED_PROXIES"])
    }
}
