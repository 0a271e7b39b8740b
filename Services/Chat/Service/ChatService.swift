import Contracts
package import Messaging
import Persistence
package import Postgres
import ServiceKit
import ServiceLifecycle

/// The chat service: what it answers, which events it takes, and how it runs.
package struct ChatService: Sendable {
    private let backend: Backend

    /// - Parameter transport: `nil` for NATS, as the configuration says.
    package init(configuration: ChatConfiguration, transport: (any Transport)? = nil) throws {
        backend = try Backend(
            declaration: Chat.declaration, configuration: configuration.backend, migrations: try Self.migrations,
            transport: transport)
    }

    package static var migrations: [Migration] {
        get throws {
            [
                try Migration(fileName: "V0001_chat.sql", contents: PackageResources.V0001_chat_sql),
                try Migration(
                    fileName: "V0002_messages_and_parked_by_id.sql",
                    contents: PackageResources.V0002_messages_and_parked_by_id_sql),
                // Nothing but the function: what rooms are searched by is folded when they are.
                try Migration(fileName: "V0003_folding.sql", contents: Folding.definition),
            ]
        }
    }

    /// Brings the schema up to date and returns.
    package func migrate() async throws { try await backend.migrate() }

    /// Serves until told to stop.
    package func run() async throws { try await backend.run(try parts()) }

    /// All that runs while the service does, in dependency order.
    func parts() throws -> [any Service] {
        let store = ChatStore(database: backend.database, outbox: backend.outbox)
        var fromOrders = backend.inbox(Chat.declaration.consumer(from: Orders.name).name)
        fromOrders.on(Orders.Created.self) { events, session, _ in
            try ApplyOrdersCreated.apply(events, RoomTransaction(session: session))
        }
        var fromAuth = backend.inbox(Chat.declaration.consumer(from: Auth.name).name)
        fromAuth.on(Auth.UserChanged.self) { events, session, _ in
            try ApplyUsersChanged.apply(events, RoomTransaction(session: session))
        }
        let live = LiveRooms(transport: backend.transport, logger: backend.logger)
        let router = Self.router(backend.router(for: Chat.declaration), store: store, bus: backend.bus, live: live)
        let reconciler = RoomReconciler(store: store, bus: backend.bus, logger: backend.logger)
        let people = ApplyUsersChanged.reconciler(store: store, bus: backend.bus)
        return try backend.parts(
            router: router, inboxes: [fromOrders, fromAuth],
            parts: [
                backend.reconciliation(reconciler.reconcile, people.reconcile),
                backend.upkeep(.idempotentAnswers, .parkedEvents),
            ])
    }

    /// Every operation with its handler.
    static func router(_ empty: ServiceRouter, store: ChatStore, bus: MessageBus, live: LiveRooms) -> ServiceRouter {
        let finder = RoomFinder(store: store, bus: bus)
        var router = empty
        router.on(Chat.ListRooms.self, ListRooms(store: store).handle)
        router.on(Chat.GetRoom.self, GetRoom(finder: finder).handle)
        router.on(Chat.ListMessages.self, ListMessages(finder: finder).handle)
        router.on(Chat.Send.self, SendMessage(finder: finder, live: live).handle)
        router.on(Chat.ListReads.self, ListReads(finder: finder).handle)
        router.on(Chat.MarkRead.self, MarkRead(finder: finder, live: live).handle)
        router.on(Chat.Close.self, CloseRoom(finder: finder, live: live).handle)
        router.on(Chat.Join.self, JoinRoom(finder: finder).handle)
        router.on(Chat.Heads.self, ReadHeads(store: store).handle)
        router.on(Chat.CatchUp.self, CatchUp(store: store).handle)
        router.on(Chat.Facts.self, ListRoomFacts(store: store).handle)
        router.on(Chat.Transcript.self, ReadTranscript(finder: finder).handle)
        return router
    }
}
