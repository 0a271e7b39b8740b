import Contracts
package import Messaging
import Persistence
package import Postgres
import ServiceKit
import ServiceLifecycle

/// The orders service: what it answers, which events it takes, and how it runs.
package struct OrdersService: Sendable {
    private let backend: Backend

    /// - Parameter transport: `nil` for NATS, as the configuration says.
    package init(configuration: OrdersConfiguration, transport: (any Transport)? = nil) throws {
        backend = try Backend(
            declaration: Orders.declaration, configuration: configuration.backend, migrations: try Self.migrations,
            transport: transport)
    }

    package static var migrations: [Migration] {
        get throws {
            [
                try Migration(fileName: "V0001_orders.sql", contents: PackageResources.V0001_orders_sql),
                try Migration(fileName: "V0002_parked_by_id.sql", contents: PackageResources.V0002_parked_by_id_sql),
                try Migration(
                    fileName: "V0003_folding.sql",
                    contents: Folding.definition + PackageResources.V0003_folding_sql),
                try Migration(
                    fileName: "V0004_folded_search.sql", contents: PackageResources.V0004_folded_search_sql),
                try Migration(
                    fileName: "V0005_history_append_only.sql",
                    contents: PackageResources.V0005_history_append_only_sql),
            ]
        }
    }

    /// Brings the schema up to date and returns.
    package func migrate() async throws { try await backend.migrate() }

    /// Serves until told to stop.
    package func run() async throws { try await backend.run(try parts()) }

    /// All that runs while the service does, in dependency order.
    func parts() throws -> [any Service] {
        let store = OrderStore(database: backend.database, outbox: backend.outbox)
        var fromChat = backend.inbox(Orders.declaration.consumer(from: Chat.name).name)
        fromChat.on(Chat.RoomClosed.self) { events, session, told in
            let orders = OrderTransaction(session: session, events: told)
            for event in events { try ApplyRoomClosed.apply(event, orders) }
        }
        var fromAuth = backend.inbox(Orders.declaration.consumer(from: Auth.name).name)
        fromAuth.on(Auth.UserChanged.self) { events, session, told in
            try ApplyUsersChanged.apply(events, OrderTransaction(session: session, events: told))
        }
        let reconciler = OrderReconciler(store: store, bus: backend.bus, logger: backend.logger)
        let people = ApplyUsersChanged.reconciler(store: store, bus: backend.bus)
        return try backend.parts(
            router: Self.router(backend.router(for: Orders.declaration), store: store), inboxes: [fromChat, fromAuth],
            parts: [
                backend.reconciliation(reconciler.reconcile, people.reconcile),
                backend.upkeep(.idempotentAnswers, .parkedEvents),
            ])
    }

    /// Every operation with its handler.
    static func router(_ empty: ServiceRouter, store: OrderStore) -> ServiceRouter {
        var router = empty
        router.on(Orders.Create.self, CreateOrder(store: store).handle)
        router.on(Orders.List.self, ListOrders(store: store).handle)
        router.on(Orders.Get.self, GetOrder(store: store).handle)
        router.on(Orders.Update.self, UpdateOrder(store: store).handle)
        router.on(Orders.SetStatus.self, SetOrderStatus(store: store).handle)
        router.on(Orders.History.self, ListOrderHistory(store: store).handle)
        router.on(Orders.Stats.self, CountOrders(store: store).handle)
        router.on(Orders.Lookup.self, LookUpOrder(store: store).handle)
        router.on(Orders.Facts.self, ListOrderFacts(store: store).handle)
        router.on(Orders.Fetch.self, FetchOrder(store: store).handle)
        return router
    }
}
