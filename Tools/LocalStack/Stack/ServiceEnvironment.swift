/// Decides which variables each program of the stack gets: its own credentials, its own addresses, and what the caller
/// set.
package struct ServiceEnvironment: Sendable {
    /// Names every program may see when the caller has them.
    private static let system: Set<String> = [
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR", "TERM", "LD_LIBRARY_PATH", "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    ]
    /// What Swift's runtime, the C library and sanitizers read.
    private static let runtime = ["LC_", "SWIFT_", "ASAN_", "TSAN_", "UBSAN_", "MALLOC_"]
    /// Settings that the stack decides for each process.
    private static let own: Set<String> = ["PORT", "OPS_PORT", "OPS_HOST", "ADMIN_EMAIL", "NATS_CA"]
    /// Endings of names whose values are secrets, or addresses that hold one: a process gets no more than its own.
    private static let guarded = ["_PASSWORD", "_SECRET", "_URL"]

    /// The environment of whoever started the stack.
    package let caller: [String: String]
    /// The settings that there are.
    package let settings: SettingNames
    package let secrets: Secrets
    /// The data directory; it marks every process of the stack.
    package let data: String
    package let postgresPort: UInt16
    package let natsPort: UInt16

    package init(
        caller: [String: String], settings: SettingNames, secrets: Secrets, data: String, postgresPort: UInt16,
        natsPort: UInt16
    ) {
        self.caller = caller
        self.settings = settings
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
    ///   - operatorPort: where it tells operators of itself.
    ///   - port: a gateway's public port.
    package func variables(for service: ServiceKind, operatorPort: UInt16, port: UInt16? = nil) -> [String: String] {
        var variables = Self.base(caller: caller, data: data)
        for (name, value) in caller where isForEverybody(name) { variables[name] = value }
        variables["NATS_URL"] = "nats://127.0.0.1:\(natsPort)"
        variables[service.natsPasswordVariable] = secrets.natsPassword(service)
        variables["OPS_PORT"] = String(operatorPort)
        if service.hasSchema { variables[service.databaseVariable] = databaseURL(service) }
        switch service {
        case .auth:
            variables["JWT_SECRET"] = caller["JWT_SECRET"] ?? secrets.values["JWT_SECRET"]
            variables.merge(AdminSignIn(secrets: secrets, caller: caller).variables) { _, new in new }
        case .gateway:
            variables["HOST"] = variables["HOST"] ?? "127.0.0.1"
            if let port { variables["PORT"] = String(port) }
        case .orders, .chat, .provision:
            break
        }
        return variables
    }

    /// Whether every process may see the variable when the caller has it.
    private func isForEverybody(_ name: String) -> Bool {
        if Self.runtime.contains(where: name.hasPrefix) { return true }
        return settings.all.contains(name) && !Self.own.contains(name) && !Self.guarded.contains(where: name.hasSuffix)
    }

    /// The environment of the service's `migrate`, which signs in as the owner of the schema; `nil` where the caller
    /// gave a database, whose role may own it or not.
    package func migrationVariables(for service: ServiceKind) -> [String: String]? {
        guard service.hasSchema, caller[service.databaseVariable] == nil else { return nil }
        var variables = variables(for: service, operatorPort: 0)
        variables[service.databaseVariable] = databaseURL(role: "migrator", password: secrets.migratorPassword)
        return variables
    }

    /// The service's own role and schema in the private PostgreSQL, or the server the caller gave for this service.
    private func databaseURL(_ service: ServiceKind) -> String {
        caller[service.databaseVariable]
            ?? databaseURL(role: service.rawValue, password: secrets.rolePassword(service))
    }

    private func databaseURL(role: String, password: String) -> String {
        "postgresql://\(role):\(password)@127.0.0.1:\(postgresPort)/orderline"
    }
}
