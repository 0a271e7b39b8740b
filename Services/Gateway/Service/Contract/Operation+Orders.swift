import Contracts
import Messaging

extension Operation {
    static let placeOrder = Operation(
        id: "placeOrder", summary: "Place an order", tag: .orders, audience: .regular,
        about: "Its room is there at once.", fields: [.idempotencyKey], body: Orders.Create.input.schema,
        answers: [.created(Orders.Create.Reply.self, .location, .eTag, .idempotencyReplayed)],
        problems: [.idempotencyInProgress, .idempotencyKeyReused])

    static let listOrders = Operation(
        id: "listOrders", summary: "List orders, newest first", tag: .orders, audience: .user,
        about: "One's own; for Admins everybody's.", query: Orders.List.parameters.schema,
        answers: [.ok(Orders.List.Reply.self)])

    static let orderStats = Operation(
        id: "orderStats", summary: "Count orders by status", tag: .orders, audience: .admin,
        answers: [.ok(Orders.Stats.Reply.self)])

    static let getOrder = Operation(
        id: "getOrder", summary: "Read an order", tag: .orders, audience: .ownerOrAdmin, fields: [.ifNoneMatch],
        answers: [
            .ok(Orders.Get.Reply.self, .eTag),
            Success(status: 304, about: "It is still at that version.", content: .none, fields: [.eTag]),
        ])

    static let updateOrder = Operation(
        id: "updateOrder", summary: "Change an order", tag: .orders, audience: .owner,
        about: "Only in `Review`. What changes nothing makes no new version.", fields: [.ifMatch],
        body: Orders.Update.input.schema, answers: [.ok(Orders.Update.Reply.self, .eTag)],
        problems: [.orderNotEditable, .versionMismatch])

    static let setOrderStatus = Operation(
        id: "setOrderStatus", summary: "Complete an order", tag: .orders, audience: .admin,
        about: "From `Processing` to `Completed`. To `Processing` an order moves by closing its room.",
        fields: [.ifMatch], body: Orders.SetStatus.input.schema, answers: [.ok(Orders.SetStatus.Reply.self, .eTag)],
        problems: [.invalidStatusTransition, .versionMismatch])

    static let orderHistory = Operation(
        id: "orderHistory", summary: "List what happened to an order, oldest first", tag: .orders,
        audience: .ownerOrAdmin, query: Orders.History.parameters.schema, answers: [.ok(Orders.History.Reply.self)])
}
