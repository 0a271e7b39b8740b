package import Messaging
import ServiceLifecycle

/// Answers the requests of one service, as a member of the queue group of all its replicas.
package struct ServiceServer: Service {
    private let router: ServiceRouter
    private let transport: any Transport
    private let limit: Int

    /// - Parameter limit: requests in work at once; one more is refused at once, so that waiting never piles up unseen.
    /// - Throws: when a declared request has no handler.
    package init(router: ServiceRouter, transport: any Transport, limit: Int) throws {
        try router.requireComplete()
        self.router = router
        self.transport = transport
        self.limit = limit
    }

    package func run() async throws {
        try await transport.serve(
            router.subjects, queue: router.declaration.name, limit: limit, refusal: Envelope(error: .overloaded)
        ) { subject, request in
            await router.route(subject, request)
        }
    }
}
