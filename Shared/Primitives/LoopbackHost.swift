extension StringProtocol {
    /// Whether what is sent to this host stays on this machine, by its name alone: `localhost`, 127.0.0.0/8 (RFC 1122
    /// §3.2.1.3) and `::1`, with or without brackets.
    package var isLoopbackHost: Bool {
        let host = drop { $0 == "[" }.prefix { $0 != "]" }.lowercased()
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
