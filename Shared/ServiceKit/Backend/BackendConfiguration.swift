package import Configuration
package import NATSTransport
package import Postgres

/// The settings of a service that owns a schema.
package struct BackendConfiguration: Sendable {
    /// `OPS_PORT`, `OPS_HOST`, `LOG_LEVEL`, `LOG_FORMAT`.
    package var runtime: RuntimeConfiguration
    /// `<SERVICE>_DATABASE_URL`, else `DATABASE_URL`.
    package var database: DatabaseConfiguration?
    /// `NATS_URL`, `NATS_CA`, `NATS_<SERVICE>_PASSWORD`.
    package var nats: NATSConfiguration
    /// `REQUEST_LIMIT`: requests in work at once; one more is answered 503.
    package var requestLimit: Int
    /// `RECONCILE_INTERVAL`: how often the schemas' facts are compared.
    package var reconcileInterval: Duration

    /// - Parameter service: the name of the service, of its schema and of its user at the message server.
    package init(service: String, reader: ConfigReader, settings: inout Settings) {
        runtime = RuntimeConfiguration(reader: reader, settings: &settings)
        let poolSize = settings.integer("database.pool.size", default: 6, in: 2...64)
        let url = settings.firstString(["\(service).database.url", "database.url"], isSecret: true)
        do {
            database =
                url.isEmpty
                ? nil
                : try DatabaseConfiguration(url: url, searchPath: service, applicationName: "orderline-\(service)")
        } catch {
            settings.fault("\(service).database.url", error.message)
        }
        database?.poolSize = poolSize
        if database?.privacy == .unverified {
            settings.fault(
                "\(service).database.url",
                "leads to another machine: add sslmode=verify-full and sslrootcert=FILE; or sslmode=disable, if everybody"
                    + " who can read the network between may read all of it")
        }
        nats = NATSConfiguration(service: service, settings: &settings)
        reconcileInterval = settings.duration(
            "reconcile.interval", default: .seconds(60), in: .seconds(1) ... .seconds(86_400))
        requestLimit = settings.integer("request.limit", default: 512, in: 1...100_000)
    }
}

extension NATSConfiguration {
    /// The settings by which the process `service` reaches the message server.
    package init(service: String, settings: inout Settings) {
        let url = settings.string("nats.url", default: "nats://127.0.0.1:4222")
        self.init(
            url: url, user: service,
            password: settings.optionalString("nats.\(service).password", isSecret: true), name: "orderline-\(service)",
            inboxPrefix: "_INBOX.\(service)", certificateAuthorities: settings.natsAuthorities(for: url))
    }
}
