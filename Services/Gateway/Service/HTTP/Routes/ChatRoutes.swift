import Contracts
import Hummingbird
import Messaging

/// The routes of the chat service.
enum ChatRoutes {
    static func routes(_ bus: MessageBus, transcripts: TranscriptRoute) -> [Route] {
        let base = "/api/v1/chat/rooms"
        return [
            Route(.get, base, .listRooms) { request in
                .relay(try await bus.relay(Chat.ListRooms(query: request.query), context: request.context))
            },
            Route(.get, "\(base)/{orderId}", .getRoom) { request in
                .relay(try await bus.relay(Chat.GetRoom(orderID: try request.id("orderId")), context: request.context))
            },
            Route(.get, "\(base)/{orderId}/messages", .listMessages) { request in
                let list = Chat.ListMessages(orderID: try request.id("orderId"), query: request.query)
                return .relay(try await bus.relay(list, context: request.context))
            },
            Route(.get, "\(base)/{orderId}/transcript", .transcript, handler: transcripts.answer),
            Route(.post, "\(base)/{orderId}/messages", .sendMessage, body: .json) { request in
                let send = Chat.Send(orderID: try request.id("orderId"), body: request.body)
                return .relay(try await bus.relay(send, context: request.context))
            },
            Route(.post, "\(base)/{orderId}/read", .markRead, body: .json) { request in
                let mark = Chat.MarkRead(orderID: try request.id("orderId"), body: request.body)
                _ = try await bus.relay(mark, context: request.context)
                return .noContent
            },
            Route(.get, "\(base)/{orderId}/reads", .listReads) { request in
                .relay(
                    try await bus.relay(Chat.ListReads(orderID: try request.id("orderId")), context: request.context))
            },
            Route(.post, "\(base)/{orderId}/close", .closeRoom, body: .json) { request in
                let close = Chat.Close(
                    orderID: try request.id("orderId"), idempotencyKey: try request.idempotencyKey(), body: request.body
                )
                return .relay(try await bus.relay(close, context: request.context))
            },
        ]
    }
}
