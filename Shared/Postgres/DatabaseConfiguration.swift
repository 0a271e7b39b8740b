import Glibc
import Primitives
import Threads

/// Where the database is, and the bound of every wait for it.
package struct DatabaseConfiguration: Sendable {
    /// Connections at most; each has a thread. They are opened when first needed.
    package var poolSize = 8
    /// Calls that may wait for a connection; the next is refused with `.poolExhausted`.
    package var maxWaiting = 1024
    /// How long a call waits for a connection, opening one included.
    package var acquireTimeout: Duration = .seconds(2)
    /// How long one attempt to connect may take. Looking up a host name is not counted: that has the resolver's own
    /// timeout.
    package var connectTimeout: Duration = .seconds(5)
    /// How long the server works on a statement before it cancels it. Two seconds later the client gives up and closes
    /// the connection.
    package var statementTimeout: Duration = .seconds(5)
    /// How long the server waits for a lock before it fails the statement. Short, so that who works for many is held up
    /// little by a row that somebody else holds; a transaction that works for itself is repeated (`Program`).
    package var lockTimeout: Duration = .milliseconds(300)
    /// After how long without a statement the server ends a transaction and its connection.
    package var idleInTransactionTimeout: Duration = .seconds(10)
    /// How long `shutdown` waits for running work.
    package var shutdownTimeout: Duration = .seconds(10)
    /// Shown in `pg_stat_activity`.
    package var applicationName: String
    /// The schemas that unqualified names are looked up in, as `search_path` takes them; `nil` leaves the role's own.
    package var searchPath: String?
    /// What the URL says, as libpq read it. Has the password in it.
    private let conninfo: [ConnectionParameters.Setting]

    /// `url` is a `postgresql://` URI or `key=value` text of
    /// https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING: Unix sockets, `sslmode` and several
    /// hosts work.
    ///
    /// Throws `.configuration`, without anything of the URL in it, for what libpq cannot read.
    package init(url: String, searchPath: String? = nil, applicationName: String = "orderline") throws(DatabaseError) {
        conninfo = try ConnectionParameters.parse(url)
        self.searchPath = searchPath
        self.applicationName = applicationName
    }

    /// Who can read, or answer, what goes between this process and the server.
    package enum Privacy: Sendable, Equatable {
        /// Nobody: a Unix socket or the loop-back interface.
        case local
        /// Nobody: `sslmode=verify-full`, with certificates of an authority that is trusted and of the host that was
        /// meant.
        case verified
        /// Whoever is on the way, as the URL says itself: `sslmode=disable`.
        case inTheClear
        /// Whoever is on the way and wants to: any other mode, of which libpq's own default is one.
        case unverified
    }

    /// By the URL alone: what libpq takes from the environment (`PGHOST`, `PGSERVICE`, `PGSSLMODE`) may make it worse
    /// and never better.
    package var privacy: Privacy {
        func values(_ name: String) -> [Substring] {
            conninfo.first { $0.name == name }?.value.split(separator: ",", omittingEmptySubsequences: false) ?? []
        }
        let (names, addresses) = (values("host"), values("hostaddr"))
        // An address counts before the name at its place, unless it is empty.
        let hosts = (0..<max(names.count, addresses.count)).map { place in
            let address = place < addresses.count ? addresses[place] : ""
            return address.isEmpty && place < names.count ? names[place] : address
        }
        let leadsElsewhere = ["PGHOST", "PGHOSTADDR", "PGSERVICE"].contains { Self.isSet($0) }
        let isElsewhere = !values("service").isEmpty || hosts.isEmpty && leadsElsewhere
        if !isElsewhere,
            hosts.allSatisfy({
                $0.isEmpty ? !leadsElsewhere : $0.hasPrefix("/") || $0.hasPrefix("@") || $0.isLoopbackHost
            })
        {
            return .local
        }
        switch values("sslmode").first {
        case "verify-full": return .verified
        case "disable": return .inTheClear
        default: return .unverified
        }
    }

    private static func isSet(_ variable: String) -> Bool { getenv(variable).map { $0.pointee != 0 } ?? false }

    /// What a connection is opened with.
    func parameters(statementTimeout: Duration? = nil, idleTimeout: Duration? = nil) -> ConnectionParameters {
        var options: [ConnectionParameters.Setting] = [
            .init("statement_timeout", String((statementTimeout ?? self.statementTimeout).serverMilliseconds)),
            .init("lock_timeout", String(lockTimeout.serverMilliseconds)),
            .init("idle_in_transaction_session_timeout", String(idleInTransactionTimeout.serverMilliseconds)),
            // The server's side of noticing that the other is gone: a session whose machine vanished would keep its
            // locks for two hours.
            .init("tcp_keepalives_idle", "5"),
            .init("tcp_keepalives_interval", "2"),
            .init("tcp_keepalives_count", "3"),
            .init("tcp_user_timeout", "10000"),
            .init("client_min_messages", "warning"),
            .init("TimeZone", "UTC"),
            .init("IntervalStyle", "iso_8601"),
        ]
        // Every statement of ours has an index to go by. The planner, left alone, reads a table whole while it thinks
        // it small, and a connection keeps such a plan until the table is analyzed, however fast it grows meanwhile.
        options += ["enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit"].map { .init($0, "off") }
        // And it plans some statements anew for ever, for which that takes longer than the work. Where the plan does
        // depend on what is asked for, as in a search, the statement says so.
        options.append(.init("plan_cache_mode", "force_generic_plan"))
        if let idleTimeout { options.append(.init("idle_session_timeout", String(idleTimeout.serverMilliseconds))) }
        if let searchPath { options.append(.init("search_path", searchPath)) }
        return ConnectionParameters(
            conninfo: conninfo, options: options, applicationName: applicationName, connectTimeout: connectTimeout,
            answerTimeout: (statementTimeout ?? self.statementTimeout) + .seconds(2))
    }
}

extension DatabaseConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Host and database only: the URL may hold a password.
    package var description: String {
        let shown = conninfo.filter { ["host", "port", "dbname"].contains($0.name) }.map { "\($0.name)=\($0.value)" }
        return "database \(shown.joined(separator: " "))"
    }

    /// The same as `description`: the default one would print the password.
    package var debugDescription: String { description }

    /// Empty, for the same reason: `dump` and string interpolation of what holds this go by the mirror.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension Duration {
    /// Whole milliseconds, at least 1: for settings of the server, where 0 would mean "no limit".
    var serverMilliseconds: Int64 { max(1, min(nanoseconds / 1_000_000, Int64(Int32.max))) }
}
