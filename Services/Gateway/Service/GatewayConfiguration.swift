package import Configuration
package import Contracts
import Foundation
package import NATSTransport
import Primitives
package import ServiceKit

/// The settings of the gateway.
package struct GatewayConfiguration: Sendable {
    package var runtime: RuntimeConfiguration
    /// `NATS_URL`, `NATS_GATEWAY_PASSWORD`.
    package var nats: NATSConfiguration
    /// `HOST`, `PORT`: where clients come in.
    package var host: String
    package var port: Int
    /// `CORS_ORIGINS`: sites and apps whose front ends may use this gateway, separated by commas: `https://app.example`,
    /// `capacitor://localhost`.
    package var corsOrigins: [String]
    /// `TRUSTED_PROXIES`: addresses and networks whose `X-Forwarded-…` headers are believed, separated by commas.
    package var trustedProxies: [String]
    /// `JWT_ISSUER` and `JWT_AUDIENCE` (orderline): whose access tokens are believed.
    package var parties: TokenParties
    /// `TLS_CERT`, `TLS_KEY`: PEM files; both or neither.
    package var tls: (certificate: String, key: String)?
    /// `CLIENT_REQUEST_LIMIT`: HTTP requests in work at once at each service; one more is answered 503.
    package var clientRequestLimit: Int
    /// `RATE_LIMIT_ENABLED`: whether clients are limited in how often they ask, and in sockets that nobody has signed in.
    package var limitsClients: Bool
    /// `MAX_CONNECTIONS`, `RATE_LIMIT_CONNECTIONS`: connections in all, of one address, and of one user's sockets.
    package var connections: ConnectionBounds
    /// `RATE_LIMIT_ANONYMOUS` (600/1m) and `RATE_LIMIT_SIGN_IN` (30/1m) of an address, `RATE_LIMIT_READ` (1200/1m) and
    /// `RATE_LIMIT_WRITE` (300/1m) of a user: what they may ask for, at all gateways together.
    package var budgets: RateBudgets
    /// `RATE_LIMIT_SOCKET_EVENTS`: what one socket may send.
    package var socketBudget: (count: Int, period: Duration)
    /// `CONSOLE_ENABLED`: whether `/` is the console; without it `/` says where the interface is.
    package var hasConsole: Bool
    /// `DOCS_ASSETS`: the directory of the viewers that `/docs` shows the interface with; without it there are none.
    package var docsAssets: String?
    /// `DRAIN_TIME`: over which sockets are told to reconnect when the gateway stops.
    package var drainTime: Duration

    /// Whether other machines may come in, and nothing encrypts what they say.
    var isOpenInTheClear: Bool { !host.isLoopbackHost && tls == nil && trustedProxies.isEmpty }

    /// - Parameter descriptors: how many the process may have open.
    /// - Throws: an error that lists every fault.
    package init(reader: ConfigReader, descriptors: Int = 65_536) throws {
        var settings = Settings(reader)
        runtime = RuntimeConfiguration(reader: reader, settings: &settings)
        nats = NATSConfiguration(service: "gateway", settings: &settings)
        host = settings.string("host", default: "127.0.0.1")
        port = settings.integer("port", default: 8000, in: 0...65_535)
        corsOrigins = settings.list("cors.origins")
        for fault in corsOrigins.compactMap(OriginPolicy.fault) { settings.fault("cors.origins", fault) }
        trustedProxies = settings.list("trusted.proxies")
        if TrustedProxies(trustedProxies) == nil {
            settings.fault("trusted.proxies", "must be addresses or networks such as 10.0.0.0/8")
        }
        parties = TokenParties(
            issuer: settings.string("jwt.issuer", default: TokenParties.standard),
            audience: settings.string("jwt.audience", default: TokenParties.standard))
        if let fault = TokenParties.fault(in: parties.issuer) { settings.fault("jwt.issuer", fault) }
        if let fault = TokenParties.fault(in: parties.audience) { settings.fault("jwt.audience", fault) }
        switch (settings.optionalString("tls.cert"), settings.optionalString("tls.key")) {
        case (let certificate?, let key?): tls = (certificate, key)
        case (nil, nil): break
        default: settings.fault("tls.cert", "TLS_CERT and TLS_KEY are set together or not at all")
        }
        for file in [tls?.certificate, tls?.key].compactMap({ $0 })
        where !FileManager.default.isReadableFile(atPath: file) {
            settings.fault("tls.cert", "\(file) cannot be read")
        }
        clientRequestLimit = settings.integer("client.request.limit", default: 256, in: 1...100_000)
        limitsClients = settings.flag("rate.limit.enabled", default: true)
        budgets = RateBudgets { kind in
            switch kind {
            case .anonymous: settings.budget("rate.limit.anonymous", default: (600, .seconds(60)))
            case .signIn: settings.budget("rate.limit.sign.in", default: (30, .seconds(60)))
            case .read: settings.budget("rate.limit.read", default: (1200, .seconds(60)))
            case .write: settings.budget("rate.limit.write", default: (300, .seconds(60)))
            }
        }
        socketBudget = settings.budget("rate.limit.socket.events", default: (1200, .seconds(60)))
        let wanted = settings.optionalInteger("max.connections", in: ConnectionBounds.least...10_000_000)
        let each = settings.integer("rate.limit.connections", default: 200, in: 1...1_000_000)
        let bounds = ConnectionBounds(descriptors: descriptors, wanted: wanted, each: each)
        if bounds == nil {
            let needed = (wanted ?? ConnectionBounds.least) + ConnectionBounds.reserve
            settings.fault("max.connections", "needs \(needed) descriptors, and the process may have \(descriptors)")
        }
        connections = bounds ?? ConnectionBounds(inAll: ConnectionBounds.least, each: 1)
        hasConsole = settings.flag("console.enabled", default: true)
        docsAssets = settings.optionalString("docs.assets")
        drainTime = settings.duration("drain.time", default: .seconds(10), in: .zero ... .seconds(30))
        try settings.finish()
    }
}
