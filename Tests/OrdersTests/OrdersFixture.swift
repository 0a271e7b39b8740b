import Contracts
import Messaging
import Persistence
import Postgres
import Primitives
import TestKit
import Testing

@testable import OrdersService

/// The orders service on a database of its own, without transport: handlers are called directly.
struct OrdersFixture: Sendable {
    let database: Database
    let store: OrderStore

    static func with(
        through port: UInt16? = nil, _ body: (OrdersFixture) async throws -> Void
    ) async throws {
        try await TestDatabase.with(
            schema: "orders", migrations: try OrdersService.migrations, through: port
        ) { database in
            try await body(
                OrdersFixture(
                    database: database, store: OrderStore(database: database, outbox: Outbox(schema: "orders"))))
        }
    }

    func create(
        _ description: String = "A chair", specifications: String = "of oak", by owner: Caller, key: String? = nil,
        quantity: Int = 1,
        with create: CreateOrder? = nil
    ) async throws -> Answer<Order> {
        let text = JSON.string(description).encoded
        let body =
            #"{"description":\#(text),"specifications":\#(JSON.string(specifications).encoded),"quantity":\#(quantity)}"#
        return try await (create ?? CreateOrder(store: store))
            .handle(Orders.Create(idempotencyKey: key, body: Array(body.utf8)), context(owner))
    }

    func update(_ id: Identifier, _ json: String, ifMatch: String? = nil, by caller: Caller) async throws -> Order {
        try await UpdateOrder(store: store)
            .handle(Orders.Update(orderID: id, ifMatch: ifMatch, body: Array(json.utf8)), context(caller)).read()
    }

    func setStatus(
        _ id: Identifier, _ status: String, ifMatch: String? = nil, by caller: Caller
    ) async throws -> Order {
        let body = Array(#"{"status":"\#(status)"}"#.utf8)
        return try await SetOrderStatus(store: store)
            .handle(Orders.SetStatus(orderID: id, ifMatch: ifMatch, body: body), context(caller)).read()
    }

    func list(_ query: [String: String] = [:], by caller: Caller) async throws -> Page<Order> {
        try await ListOrders(store: store).handle(Orders.List(query: QueryParameters(query)), context(caller)).read()
    }

    func history(
        _ id: Identifier, _ query: [String: String] = [:], by caller: Caller
    ) async throws -> Page<OrderHistoryEntry> {
        try await ListOrderHistory(store: store)
            .handle(Orders.History(orderID: id, query: QueryParameters(query)), context(caller)).read()
    }

    func order(_ id: Identifier, by caller: Caller) async throws -> Order {
        try await GetOrder(store: store).handle(Orders.Get(orderID: id), context(caller)).read()
    }

    /// The effect of `chat.event.room-closed`.
    func roomClosed(_ id: Identifier, by admin: Caller) async throws {
        let event = Chat.RoomClosed(orderID: id, closedBy: Participant(admin), closedAt: .now(), seq: 1)
        _ = try await store.inTransaction { orders in try ApplyRoomClosed.apply(event, orders) }
    }

    /// The subjects in the outbox, oldest first.
    func events() async throws -> [String] {
        try await database.withConnection { session in
            try session.execute("select subject from outbox order by position").map { try $0[0, as: String.self] }
        }
    }

    func count(_ query: SQL) async throws -> Int {
        try await database.withConnection { try $0.first(query)?[0, as: Int.self] ?? 0 }
    }
}
