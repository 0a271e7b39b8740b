import Glibc
import Logging
package import Postgres

/// A database of its own for one test, on the server of `TEST_POSTGRES_URL` (the URL of a superuser), dropped when the
/// test ends.
package enum TestDatabase {
    /// Lends a database that has the schema of one service.
    ///
    /// - Parameters:
    ///   - schema: the service's name; its statements name no schema, so this is also the search path.
    ///   - migrations: applied before `body`.
    ///   - adjust: changes what the database is reached with.
    ///   - port: of what stands between; see `CommitCutter`.
    @discardableResult
    package static func with<R: Sendable>(
        schema: String, migrations: [Migration], adjust: (inout DatabaseConfiguration) -> Void = { _ in },
        through port: UInt16? = nil, _ body: (Database) async throws -> R
    ) async throws -> R {
        try await TestPlaces.shared.taking {
            var server = try configuration(named: nil, searchPath: nil)
            server.poolSize = 1
            return try await withDatabase(server) { server in
                let name = "test_\(schema)_\(String(UInt64.random(in: 0 ... .max), radix: 36))"
                try await server.withConnection { _ = try $0.execute("create database \(identifier: name)") }
                let result: Result<R, any Error>
                do {
                    var own = try configuration(named: name, searchPath: schema, port: port)
                    adjust(&own)
                    result = .success(
                        try await withDatabase(own) { database in
                            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
                            try await Migrator(schema: schema, migrations: migrations, logger: logger).migrate(database)
                            return try await body(database)
                        })
                } catch {
                    result = .failure(error)
                }
                try await server.withConnection {
                    _ = try $0.execute("drop database \(identifier: name) with (force)")
                }
                return try result.get()
            }
        }
    }

    /// The port of the server on 127.0.0.1.
    package static func serverPort() throws -> UInt16 {
        guard let pointer = getenv("TEST_POSTGRES_URL"), let authority = String(cString: pointer).firstRange(of: "@"),
            let colon = String(cString: pointer)[authority.upperBound...].firstIndex(of: ":")
        else { throw TestDatabaseError() }
        let digits = String(cString: pointer)[colon...].dropFirst().prefix { $0.isNumber }
        return UInt16(digits) ?? 5432
    }

    private static func configuration(
        named name: String?, searchPath: String?, port: UInt16? = nil
    ) throws -> DatabaseConfiguration {
        guard let pointer = getenv("TEST_POSTGRES_URL"), pointer.pointee != 0 else { throw TestDatabaseError() }
        var url = String(cString: pointer)
        if let name {
            let query = url.firstIndex(of: "?") ?? url.endIndex
            guard let scheme = url.firstRange(of: "://"),
                let slash = url[scheme.upperBound..<query].lastIndex(of: "/")
            else { throw TestDatabaseError() }
            url.replaceSubrange(url.index(after: slash)..<query, with: name)
        }
        if let port {
            url = url.replacing(":\(try serverPort())/", with: ":\(port)/")
        }
        var configuration = try DatabaseConfiguration(url: url, searchPath: searchPath, applicationName: "tests")
        configuration.poolSize = 4
        // Many tests share few processors: what is slow here is not broken.
        configuration.acquireTimeout = .seconds(20)
        configuration.statementTimeout = .seconds(20)
        configuration.lockTimeout = .seconds(2)
        return configuration
    }
}

/// There is no server to test with.
package struct TestDatabaseError: Error, CustomStringConvertible {
    package var description: String {
        "TEST_POSTGRES_URL must be set to the URL of a superuser, like postgresql://postgres@127.0.0.1:5432/postgres"
    }
}

/// Lets a few tests in at a time, so that all of them together stay below the server's bound of connections.
private actor TestPlaces {
    static let shared = TestPlaces(places: 6)

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
