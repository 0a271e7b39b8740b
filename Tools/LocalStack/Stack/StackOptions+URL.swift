extension StackOptions {
    /// Base address of a gateway, counted from 0, as a person on this machine reaches it.
    package func gatewayURL(_ index: Int) -> String {
        let scheme = caller["TLS_CERT"] == nil ? "http" : "https"
        let host = caller["HOST"] ?? ""
        let everywhere = ["", "0.0.0.0", "::", "localhost"].contains(host)
        let shown = everywhere ? "127.0.0.1" : host.contains(":") ? "[\(host)]" : host
        return "\(scheme)://\(shown):\(Int(port) + index)"
    }
}
