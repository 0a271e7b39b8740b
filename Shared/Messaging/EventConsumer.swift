/// A durable consumer of the event stream: the events of one service as another takes them, all its replicas together.
package struct EventConsumer: Sendable, Hashable {
    /// The service that takes the events.
    package let service: String
    /// The service that tells them.
    package let source: String

    package init(of service: String, from source: String) {
        self.service = service
        self.source = source
    }

    /// `orders-from-chat`. The server's configuration allows each service its own by this name.
    package var name: String { "\(service)-from-\(source)" }

    /// The subjects that it takes. One filter each, because server 2.9 has no more.
    package var filter: String { ServiceDeclaration.events(of: source) }
}
