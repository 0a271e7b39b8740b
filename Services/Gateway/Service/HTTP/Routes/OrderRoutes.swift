import Contracts
import Hummingbird
import Messaging

/// The routes of the orders service.
enum OrderRoutes {
    static func routes(_ bus: MessageBus) -> [Route] {
        let base = "/api/v1/orders"
        return [
            Route(.post, base, body: .largeJSON) { request in
                let create = Orders.Create(idempotencyKey: try request.idempotencyKey(), body: request.body)
                return .relay(try await bus.relay(create, context: request.context)) { "\(base)/\($0)" }
            },
            Route(.get, base) { request in
                .relay(try await bus.relay(Orders.List(query: request.query), context: request.context))
            },
            Route(.get, "\(base)/stats") { request in
                .relay(try await bus.relay(Orders.Stats(), context: request.context))
            },
            Route(.get, "\(base)/{orderId}") { request in
                let answer = try await bus.relay(
                    Orders.Get(orderID: try request.id("orderId")), context: request.context)
                let response = Response.relay(answer)
                guard let version = answer.metadata.version, request.hasVersion(version) else { return response }
                return Response(status: .notModified, headers: [.eTag: "\"\(version)\""])
            },
            Route(.patch, "\(base)/{orderId}", body: .largeJSON) { request in
                let update = Orders.Update(
                    orderID: try request.id("orderId"), ifMatch: request.ifMatch, body: request.body)
                return .relay(try await bus.relay(update, context: request.context))
            },
            Route(.patch, "\(base)/{orderId}/status", body: .json) { request in
                let change = Orders.SetStatus(
                    orderID: try request.id("orderId"), ifMatch: request.ifMatch, body: request.body)
                return .relay(try await bus.relay(change, context: request.context))
            },
            Route(.get, "\(base)/{orderId}/history") { request in
                let history = Orders.History(orderID: try request.id("orderId"), query: request.query)
                return .relay(try await bus.relay(history, context: request.context))
            },
        ]
    }
}
