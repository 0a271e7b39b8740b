import CLibpq
import Synchronization

/// Everything a connection is opened with, as libpq takes it.
struct ConnectionParameters: Sendable {
    /// A keyword of libpq, or a setting of the server, and its value.
    struct Setting: Sendable, Equatable {
        var name: String
        var value: String

        init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    private(set) var settings: [Setting]
    /// Which of `servers` answered last; shared by all connections of one configuration.
    let lastGood = LastGood()
    let connectTimeout: Duration
    /// How long the client waits for the answer to one statement.
    let answerTimeout: Duration

    /// Remembers, for all connections, with which server the next attempt begins.
    final class LastGood: Sendable {
        let index = Atomic(0)
    }

    init(
        conninfo: [Setting], options: [Setting], applicationName: String, connectTimeout: Duration,
        answerTimeout: Duration
    ) {
        // A database out of reach without a word (a cable, a firewall) is noticed within some 25 s on a connection that
        // waits.
        var settings = [
            Setting("keepalives", "1"), Setting("keepalives_idle", "10"), Setting("keepalives_interval", "5"),
            Setting("keepalives_count", "3"), Setting("tcp_user_timeout", "25000"),
            // Of several servers the one that takes writes; a single one that does not is as good as away.
            Setting("target_session_attrs", "read-write"),
        ]
        settings.removeAll { setting in conninfo.contains { $0.name == setting.name } }
        settings += conninfo.filter { !["options", "application_name", "client_encoding"].contains($0.name) }
        let given = conninfo.first { $0.name == "options" }.map { $0.value + " " } ?? ""
        settings.append(Setting("options", given + options.map(ConnectionParameters.option).joined(separator: " ")))
        settings.append(Setting("application_name", applicationName))
        settings.append(Setting("client_encoding", "UTF8"))
        self.settings = settings
        self.connectTimeout = connectTimeout
        self.answerTimeout = answerTimeout
    }

    /// One set for each server that is named, to be tried in this order; libpq itself would wait for one that is silent
    /// as long as for all of them.
    var servers: [ConnectionParameters] {
        func values(_ name: String) -> [String]? {
            settings.first { $0.name == name }.map {
                $0.value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            }
        }
        // The one rule that needs to know all of them at once.
        if values("target_session_attrs") == ["prefer-standby"] { return [self] }
        let lists = ["host", "hostaddr", "port"].compactMap { name in values(name).map { (name, $0) } }
        let count = lists.map(\.1.count).max() ?? 1
        guard count > 1, lists.allSatisfy({ $0.1.count == count || $0.1.count == 1 }) else { return [self] }
        return (0..<count).map { index in
            var server = self
            server.settings = settings.map { setting in
                guard let list = lists.first(where: { $0.0 == setting.name })?.1 else { return setting }
                return Setting(setting.name, list.count == 1 ? list[0] : list[index])
            }
            return server
        }
    }

    /// `-c name=value`, spaces and backslashes escaped as the server splits it.
    private static func option(_ setting: Setting) -> String {
        var value = ""
        for character in setting.value {
            if character == " " || character == "\\" { value.append("\\") }
            value.append(character)
        }
        return "-c \(setting.name)=\(value)"
    }

    /// Splits a URI or `key=value` text. libpq's own message would quote it, password and all, so it is not passed on.
    static func parse(_ url: String) throws(DatabaseError) -> [Setting] {
        guard !url.isEmpty else { throw DatabaseError(.configuration, "the database URL is empty") }
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url, &message) else {
            PQfreemem(message)
            throw DatabaseError(
                .configuration,
                "the database URL is not one libpq reads: postgresql://user:password@host:port/database?key=value")
        }
        defer { PQconninfoFree(options) }
        var settings: [Setting] = []
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                settings.append(Setting(String(cString: keyword), String(cString: value)))
            }
            option += 1
        }
        return settings
    }

    /// Calls `body` with the two NULL-ended arrays of `PQconnectStartParams`.
    func withPointers<R>(_ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> R)
        -> R?
    {
        var bytes: [CChar] = []
        var starts: [(name: Int, value: Int)] = []
        for setting in settings {
            starts.append((bytes.count, bytes.count + setting.name.utf8.count + 1))
            for text in [setting.name, setting.value] {
                bytes.append(contentsOf: text.utf8.map { CChar(bitPattern: $0) })
                bytes.append(0)
            }
        }
        return bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return nil }
            let names = starts.map { Optional(base + $0.name) } + [nil]
            let values = starts.map { Optional(base + $0.value) } + [nil]
            return names.withUnsafeBufferPointer { names in
                values.withUnsafeBufferPointer { values in
                    guard let names = names.baseAddress, let values = values.baseAddress else { return nil }
                    return body(names, values)
                }
            }
        }
    }
}
