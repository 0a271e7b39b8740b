import Contracts
import Hummingbird
import Messaging

/// The routes of the orders service.
enum OrderRoutes {
    static func routes(_ bus: MessageBus) -> [Route] {
        let base = "/api/v1/orders"
        return [
            Route(.post, base, .placeOrder, body: .largeJSON) { request in
                let create = Orders.Create(idempotencyKey: try request.idempotencyKey(), body: request.body)
                return .relay(try await bus.relay(create, context: request.context)) { "\(base)/\($0)" }
            },
            Route(.get, base, .listOrders) { request in
                .relay(try await bus.relay(Orders.List(query: request.query), context: request.context))
            },
            Route(.get, "\(base)/stats", .orderStats) { request in
                .relay(try await bus.relay(Orders.Stats(), context: request.context))
            },
            Route(.get, "\(base)/{orderId}", .getOrder) { request in
                let tag = { (version: Int) in "\"\(version)\"" }
                let answer = try await bus.relay(
                    Orders.Get(orderID: try request.id("orderId")), context: request.context)
                let response = Response.relay(answer)
                guard let version = answer.metadata.version, request.hasTag(tag(version)) else { return response }
                return Response(status: .notModified, headers: [.eTag: tag(version)])
            },
            Route(.patch, "\(base)/{orderId}", .updateOrder, body: .largeJSON) { request in
                let update = Orders.Update(
                    orderID: try request.id("orderId"), ifMatch: request.ifMatch, body: request.body)
                return .relay(try await bus.relay(update, context: request.context))
            },
            Route(.patch, "\(base)/{orderId}/status", .setOrderStatus, body: .json) { request in
                let change = Orders.SetStatus(
                    orderID: try request.id("orderId"), ifMatch: request.ifMatch, body: request.body)
                return .relay(try await bus.relay(change, context: request.context))
            },
            Route(.get, "\(base)/{orderId}/history", .orderHistory) { request in
                let history = Orders.History(orderID: try request.id("orderId"), query: request.query)
                return .relay(try await bus.relay(history, context: request.context))
            },
        ]
    }
}
