import Hummingbird
import Logging
import Messaging
import NIOCore
import Primitives

/// What the gateway knows about the HTTP request in work.
struct GatewayContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection, for the peer's address.
    let channel: any Channel
    /// The client's `X-Request-Id`, or one of ours.
    var requestID = "-"
    /// Whose request it is, behind the proxies that are trusted.
    var client: IPAddress?
    /// Whether it came over HTTPS, be it to a trusted proxy.
    var isSecure = false

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
