import Logging
package import Postgres

/// A database of its own for one test, on the server of `TEST_POSTGRES_URL`, dropped when the test ends.
package struct TestDatabase: Sendable {
    /// The pool under test.
    package let database: Database
    package let configuration: DatabaseConfiguration
    /// Another pool of a superuser on the same database, for what the test does to the first one.
    package let admin: Database

    /// Lends an empty database.
    ///
    /// - Parameters:
    ///   - options: the locale and the like of the database, where it is not to be the server's.
    ///   - adjust: changes what the database is reached with.
    ///   - port: of what stands between; see `CommitCutter`.
    @discardableResult
    package static func with<R: Sendable>(
        options: String = "", _ adjust: (inout DatabaseConfiguration) -> Void = { _ in }, through port: UInt16? = nil,
        _ body: (TestDatabase) async throws -> R
    ) async throws -> R {
        try await TestPlaces.shared.taking {
            try await withDatabase(try configuration(named: nil)) { server in
                let name = "test_\(uniqueName())"
                let template = options.isEmpty ? "" : "template template0 encoding 'UTF8' \(options)"
                try await server.withConnection {
                    _ = try $0.execute("create database \(identifier: name) \(unsafe: template)")
                }
                do {
                    let result = try await use(name, adjust, port, body)
                    try await drop(name, on: server)
                    return result
                } catch {
                    try? await drop(name, on: server)
                    throw error
                }
            }
        }
    }

    /// Lends a database that has the schema of one service.
    ///
    /// - Parameters:
    ///   - schema: the service's name; its statements name no schema, so this is also the search path.
    ///   - migrations: applied before `body`.
    @discardableResult
    package static func with<R: Sendable>(
        schema: String, migrations: [Migration], adjust: (inout DatabaseConfiguration) -> Void = { _ in },
        through port: UInt16? = nil, _ body: (Database) async throws -> R
    ) async throws -> R {
        try await with(
            { configuration in
                configuration.searchPath = schema
                configuration.poolSize = 4
                configuration.lockTimeout = .seconds(2)
                adjust(&configuration)
            }, through: port
        ) { test in
            try await Migrator(schema: schema, migrations: migrations, logger: .silent).migrate(test.database)
            return try await body(test.database)
        }
    }

    /// The port of the server on 127.0.0.1.
    package static func serverPort() throws -> UInt16 { UInt16(try DatabaseURL(TestServers.postgresURL).port) ?? 5432 }

    private static func use<R: Sendable>(
        _ name: String, _ adjust: (inout DatabaseConfiguration) -> Void, _ port: UInt16?,
        _ body: (TestDatabase) async throws -> R
    ) async throws -> R {
        var configuration = try configuration(named: name, port: port)
        adjust(&configuration)
        var adminConfiguration = try self.configuration(named: name)
        adminConfiguration.poolSize = 1
        return try await withDatabase(configuration) { [configuration, adminConfiguration] database in
            try await withDatabase(adminConfiguration) { admin in
                try await body(TestDatabase(database: database, configuration: configuration, admin: admin))
            }
        }
    }

    private static func drop(_ name: String, on server: Database) async throws {
        try await server.withConnection { _ = try $0.execute("drop database \(identifier: name) with (force)") }
    }

    /// The server's configuration, with another database's name and perhaps another port in the URL.
    private static func configuration(named name: String?, port: UInt16? = nil) throws -> DatabaseConfiguration {
        var url = try DatabaseURL(TestServers.postgresURL)
        if let name { url.name = name }
        if let port { url.port = String(port) }
        var configuration = try DatabaseConfiguration(url: url.text, applicationName: "tests")
        configuration.poolSize = 2
        // Many tests share few processors: what is slow here is not broken.
        configuration.acquireTimeout = .patience.slackened
        configuration.statementTimeout = .patience.slackened
        configuration.lockTimeout = .patience.slackened
        return configuration
    }
}

/// `scheme://user@host:port/name?options`, of which a test changes port and name.
private struct DatabaseURL {
    private let head: Substring
    private let tail: Substring
    var port: String
    var name: String

    init(_ text: String) throws {
        guard let match = text.wholeMatch(of: #/([^:]+://[^/?]*?)(?::(\d+))?/([^?]*)(\?.*)?/#) else {
            throw TestFailure("TEST_POSTGRES_URL is not like postgresql://postgres@127.0.0.1:5432/postgres")
        }
        head = match.1
        port = match.2.map(String.init) ?? "5432"
        name = String(match.3)
        tail = match.4 ?? ""
    }

    var text: String { "\(head):\(port)/\(name)\(tail)" }
}

/// Lets a few tests in at a time, so that all of them together stay below the server's bound of connections.
private actor TestPlaces {
    static let shared = TestPlaces(places: 12)

    private var places: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(places: Int) { self.places = places }

    nonisolated func taking<R: Sendable>(_ body: () async throws -> R) async throws -> R {
        await enter()
        do {
            let result = try await body()
            await leave()
            return result
        } catch {
            await leave()
            throw error
        }
    }

    private func enter() async {
        if places > 0 {
            places -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    private func leave() {
        if waiting.isEmpty { places += 1 } else { waiting.removeFirst().resume() }
    }
}
