/// Decides which variables each program of the stack gets: its own credentials, its own addresses, and what the caller
/// set.
package struct ServiceEnvironment: Sendable {
    /// Names every program may see when the caller has them.
    private static let system: Set<String> = [
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR", "TERM", "LD_LIBRARY_PATH", "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    ]
    /// Settings that every service may see.
    private static let prefixes = [
        "RATE_LIMIT_", "JWT_", "LOG_", "PASSWORD_HASH_", "DATABASE_POOL_", "REQUEST_LIMIT", "RECONCILE_INTERVAL", "LC_",
        "SWIFT_", "ASAN_",
        "TSAN_",
        "UBSAN_", "MALLOC_", "OTEL_",
    ]
    /// Settings of gateways.
    private static let gateway: Set<String> = [
        "HOST", "CORS_ORIGINS", "TRUSTED_PROXIES", "TLS_CERT", "TLS_KEY", "DRAIN_TIME", "CLIENT_REQUEST_LIMIT",
    ]

    /// The environment of whoever started the stack.
    package let caller: [String: String]
    package let secrets: Secrets
    /// The data directory; it marks every process of the stack.
    package let data: String
    package let postgresPort: UInt16
    package let natsPort: UInt16

    package init(caller: [String: String], secrets: Secrets, data: String, postgresPort: UInt16, natsPort: UInt16) {
        self.caller = caller
        self.secrets = secrets
        self.data = data
        self.postgresPort = postgresPort
        self.natsPort = natsPort
    }

    /// What any program of the stack gets.
    package static func base(caller: [String: String], data: String) -> [String: String] {
        var variables = caller.filter { system.contains($0.key) }
        variables["PATH"] = variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        variables["LANG"] = variables["LANG"] ?? "C.UTF-8"
        variables[ProcessTable.marker] = data
        return variables
    }

    /// The whole environment of one process.
    ///
    /// - Parameters:
    ///   - operatorPort: for a service that has one.
    ///   - port: a gateway's public port.
    package func variables(for service: ServiceKind, operatorPort: UInt16?, port: UInt16? = nil) -> [String: String] {
        var variables = Self.base(caller: caller, data: data)
        for (name, value) in caller where Self.prefixes.contains(where: name.hasPrefix) { variables[name] = value }
        variables["JWT_SECRET"] = nil
        variables["NATS_URL"] = "nats://127.0.0.1:\(natsPort)"
        variables[service.natsPasswordVariable] = secrets.natsPassword(service)
        if let operatorPort { variables["OPS_PORT"] = String(operatorPort) }
        if service.hasSchema { variables[service.databaseVariable] = databaseURL(service) }
        switch service {
        case .auth:
            variables["JWT_SECRET"] = caller["JWT_SECRET"] ?? secrets.values["JWT_SECRET"]
            variables["ADMIN_NAME"] = caller["ADMIN_NAME"]
            variables.merge(AdminSignIn(secrets: secrets, caller: caller).variables) { _, new in new }
        case .gateway:
            for name in Self.gateway { variables[name] = caller[name] }
            variables["HOST"] = variables["HOST"] ?? "127.0.0.1"
            if let port { variables["PORT"] = String(port) }
        case .provision:
            for name in ["NATS_REPLICAS", "EVENTS_MAX_AGE", "EVENTS_MAX_BYTES"] { variables[name] = caller[name] }
        case .orders, .chat:
            break
        }
        return variables
    }

    /// The service's own role and schema in the private PostgreSQL, or the server the caller gave for this service.
    private func databaseURL(_ service: ServiceKind) -> String {
        caller[service.databaseVariable]
            ?? "postgresql://\(service.rawValue):\(secrets.rolePassword(service))@127.0.0.1:\(postgresPort)/orderline"
    }
}
