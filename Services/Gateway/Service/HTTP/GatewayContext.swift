import Hummingbird
import Logging
import Messaging
import NIOCore

/// What the gateway knows about the HTTP request in work.
struct GatewayContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection, for the peer's address.
    let channel: any Channel
    /// The client's `X-Request-Id`, or one of ours.
    var requestID = "-"

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
