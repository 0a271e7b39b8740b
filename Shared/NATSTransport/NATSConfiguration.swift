import Primitives

/// Where the server is and who we are there.
package struct NATSConfiguration: Sendable {
    /// One URL or several with commas between, `nats://host:port` or `tls://host:port`. Any of them is tried, in random
    /// order.
    package var url: String
    /// The account's user; `nil` when the server asks for none.
    package var user: String?
    /// The user's; sent only when there is a user.
    package var password: String?
    /// What the server shows operators for this connection.
    package var name: String
    /// Answers come to `<inboxPrefix>.<random>.…`; the server's permissions let only this process's user listen there.
    package var inboxPrefix: String
    /// The stream that keeps events.
    package var stream: String
    /// Put before every subject on the way out and cut on the way in, so that tests can share a server: "" or `t1.`.
    package var subjectPrefix: String
    /// Requests awaiting their answer at most; one more is refused with `.overloaded`.
    package var maximumOutstandingRequests: Int
    /// A PEM file of the authorities to trust for `tls://`; `nil` for the system's.
    package var certificateAuthorities: String?

    /// Whether some of what is sent leaves this machine without encryption.
    package var isInTheClear: Bool {
        url.split(separator: ",").contains { url in
            let rest = url.split(separator: "/").last ?? url
            let host = rest[(rest.lastIndex(of: "@").map(rest.index(after:)) ?? rest.startIndex)...]
            let name = host.first == "[" ? host.prefix { $0 != "]" } : host.prefix { $0 != ":" }
            return !url.hasPrefix("tls://") && !name.isLoopbackHost
        }
    }

    package init(
        url: String, user: String? = nil, password: String? = nil, name: String = "orderline",
        inboxPrefix: String = "_INBOX", stream: String = "EVENTS", subjectPrefix: String = "",
        maximumOutstandingRequests: Int = 4096, certificateAuthorities: String? = nil
    ) {
        self.url = url
        self.user = user
        self.password = password
        self.name = name
        self.inboxPrefix = inboxPrefix
        self.stream = stream
        self.subjectPrefix = subjectPrefix
        self.maximumOutstandingRequests = maximumOutstandingRequests
        self.certificateAuthorities = certificateAuthorities
    }
}
