package import Logging
package import Messaging
import NATSTransport
package import Persistence
package import Postgres
package import ServiceLifecycle

/// A service that owns a schema: its database, its transport and its outbox, and the order in which its parts start and
/// stop.
package struct Backend: Sendable {
    /// Logger, numbers and health of the process.
    package let runtime: Runtime
    /// The service's schema, through the one role that can use it.
    package let database: Database
    /// For signals; requests to neighbours go by `bus`.
    package let transport: any Transport
    /// By which the stores tell events.
    package let outbox: Outbox
    /// For requests to neighbours; without a limit of its own.
    package let bus: MessageBus
    private let configuration: BackendConfiguration
    private let migrator: Migrator
    private let reconciliations = ReconciliationRequests()

    /// - Parameter transport: `nil` for NATS, as the configuration says.
    /// - Throws: when the configuration has no database.
    package init(
        declaration: ServiceDeclaration, configuration: BackendConfiguration, migrations: [Migration],
        transport: (any Transport)? = nil
    ) throws {
        guard let database = configuration.database else {
            throw ConfigurationError(faults: ["\(declaration.name.uppercased())_DATABASE_URL: is missing"])
        }
        self.configuration = configuration
        runtime = Runtime(name: declaration.name, configuration: configuration.runtime)
        self.database = Database(configuration: database, logger: runtime.logger)
        if database.privacy == .inTheClear {
            runtime.logger.warning(
                "what goes to the database and comes from it can be read on the way",
                metadata: ["mend": "sslmode=verify-full and sslrootcert in its address"])
        }
        self.transport = transport ?? runtime.natsTransport(configuration.nats)
        outbox = Outbox(schema: declaration.name)
        bus = MessageBus(transport: self.transport)
        migrator = Migrator(schema: declaration.name, migrations: migrations, logger: runtime.logger)
    }

    /// The process's own, without metadata; whoever logs about a request adds its id.
    package var logger: Logger { runtime.logger }

    /// Runs the parts until told to stop. Over NATS their tasks run on the thread that reads and writes its connection.
    package func run(_ parts: [any Service]) async throws {
        try await runtime.run(parts, on: (transport as? NATSTransport)?.host())
    }

    /// Brings the schema up to date; for the command of that name.
    package func migrate() async throws {
        try await migrator.migrate(database)
        await database.shutdown()
    }

    /// A router whose handlers' database errors become errors for clients.
    package func router(for declaration: ServiceDeclaration) -> ServiceRouter {
        ServiceRouter(declaration, logger: logger) { error in
            guard let fault = error as? DatabaseError else { return nil }
            return ServiceError(fault)
        }
    }

    /// An inbox for the events of `consumer`.
    package func inbox(_ consumer: String) -> EventInbox {
        EventInbox(
            consumer: consumer, database: database, outbox: outbox, transport: transport, logger: logger,
            missed: reconciliations.ask)
    }

    /// A part that compares this service's facts with its neighbours', at start, every `RECONCILE_INTERVAL`, and when
    /// an inbox finds that it has missed events.
    package func reconciliation(_ comparisons: @Sendable () async throws -> Void...) -> any Service {
        Reconciliation(
            database: database, lease: Lease("\(runtime.name).reconciliation"),
            interval: configuration.reconcileInterval, logger: logger, requests: reconciliations,
            comparisons: comparisons)
    }

    /// A part that takes away what is not kept for ever.
    package func upkeep(_ expiries: Expiry...) -> any Service {
        Upkeep(database: database, expiries: expiries, logger: logger)
    }

    /// All that runs while the service does, in dependency order: brings the schema up to date, then serves until told
    /// to stop. A database or message server that is away is waited for.
    ///
    /// - Parameters:
    ///   - prepare: what must be done after the migrations and before the first request; repeated until it succeeds.
    ///   - parts: what else runs as long as the service does; stopped after the server.
    /// - Throws: when a declared request has no handler.
    package func parts(
        router: ServiceRouter, inboxes: [EventInbox], parts: [any Service] = [],
        prepare: @escaping @Sendable (Database) async throws -> Void = { _ in }
    ) throws -> [any Service] {
        let gate = StartGate()
        let server = try ServiceServer(router: router, transport: transport, limit: configuration.requestLimit)
        let start = Preparation(gate: gate, database: database, migrator: migrator, logger: logger, prepare: prepare)
        let relay = OutboxRelay(outbox: outbox, database: database, transport: transport, logger: logger)
        addHealthChecks(gate)
        runtime.metrics.observe(
            "orderline_requests_late", help: "Requests dropped because nobody waited for their answers any more."
        ) {
            Double(router.late.total)
        }
        let gated = ([relay] + parts + inboxes + [server]).map { AfterGate(gate: gate, service: $0) }
        return [database, transport, start] + gated
    }

    private func addHealthChecks(_ gate: StartGate) {
        let (database, transport, health) = (database, transport, runtime.health)
        health.add("migrations") { gate.isOpen ? nil : "not applied yet" }
        health.add("nats") { transport.isConnected ? nil : "not connected" }
        health.add("database") {
            do {
                _ = try await database.withConnection(idempotent: true) { try $0.execute("select 1").count }
                return nil
            } catch {
                return "not answering"
            }
        }
        let metrics = runtime.metrics
        metrics.observe("orderline_database_connections", help: "Database connections open.") {
            Double(database.statistics.open)
        }
        metrics.observe("orderline_database_waiting", help: "Calls waiting for a database connection.") {
            Double(database.statistics.waiting)
        }
        metrics.observe("orderline_outbox_leading", help: "1 while this process sends the schema's events.") {
            [outbox] in
            outbox.isLeading ? 1 : 0
        }
    }
}
