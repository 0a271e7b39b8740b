extension StackOptions {
    /// How many connections PostgreSQL takes: more than the services' pools hold together, and some for people.
    package var databaseConnections: Int {
        let pool = caller["DATABASE_POOL_SIZE"].flatMap { Int($0) } ?? 6
        // Beside its pool, a process holds a few for its relay, its migrations and its notifications.
        return max(200, 50 + (auth + orders + chat) * (max(pool, 6) + 4))
    }

    /// Base address of a gateway, counted from 0, as a person on this machine reaches it.
    package func gatewayURL(_ index: Int) -> String {
        let scheme = caller["TLS_CERT"] == nil ? "http" : "https"
        let host = caller["HOST"] ?? ""
        let everywhere = ["", "0.0.0.0", "::", "localhost"].contains(host)
        let shown = everywhere ? "127.0.0.1" : host.contains(":") ? "[\(host)]" : host
        return "\(scheme)://\(shown):\(Int(port) + index)"
    }
}
