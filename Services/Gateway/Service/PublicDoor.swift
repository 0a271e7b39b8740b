import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Messaging
import NIOSSL
import ServiceKit

/// The address where clients come in: its routes, what is done for every request there, and its connections.
struct PublicDoor {
    let configuration: GatewayConfiguration
    let proxies: TrustedProxies
    let sockets: SocketDoors

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
        let hasTLS = configuration.tls != nil
        return RouteTable(routes, authenticator: authenticator) { request, context in
            hasTLS || proxies.saysHTTPS(peer: context.channel.remoteAddress, headers: request.headers)
        }
    }

    /// - Throws: when the certificate cannot be used.
    func application(_ table: RouteTable, _ runtime: Runtime) throws -> Application<GatewayService.Responder> {
        let router = Router(context: GatewayContext.self)
        let edge = EdgeMiddleware(
            crossOrigin: CrossOrigin(origins: sockets.origins), problems: ProblemResponder(logger: runtime.logger),
            metrics: RequestMetrics(runtime.metrics), proxies: proxies)
        router.addMiddleware { edge }
        table.register(on: router)
        let responder = RouteTable.Responder(router: router.buildResponder())
        let channel = GatewayChannel(doors: sockets, edge: edge, isSecure: configuration.tls != nil)
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
}
