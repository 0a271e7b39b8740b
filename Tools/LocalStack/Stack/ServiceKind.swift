/// The programs of the stack that are ours.
package enum ServiceKind: String, CaseIterable, Sendable {
    case auth, orders, chat, gateway, provision

    /// The executable's file name, which is also the service's name at NATS and in its processes' names.
    package var executable: String { rawValue }

    /// Whether it owns a schema, through a role of the same name.
    package var hasSchema: Bool { self == .auth || self == .orders || self == .chat }

    /// Name of the variable with its own database's address.
    package var databaseVariable: String { rawValue.uppercased() + "_DATABASE_URL" }

    /// Name of the variable with its role's password, read by `Deploy/postgres-init.sql`.
    package var rolePasswordVariable: String { rawValue.uppercased() + "_DB_PASSWORD" }

    /// Name of the variable with its NATS password, read by the service and by `Deploy/nats-server.conf`.
    package var natsPasswordVariable: String { "NATS_" + rawValue.uppercased() + "_PASSWORD" }
}
