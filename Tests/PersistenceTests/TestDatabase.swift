import Glibc
import Logging
import Postgres
import Primitives
import Synchronization
import Testing

/// A database of its own on the server of `TEST_POSTGRES_URL`, dropped when the test ends.
struct TestDatabase: Sendable {
    /// The pool under test.
    let database: Database
    let configuration: DatabaseConfiguration
    /// Another pool of a superuser on the same database, for what the test does to the first one.
    let admin: Database

    /// - Parameters:
    ///   - options: the locale and the like of the database, where it is not to be the server's.
    ///   - port: of what stands between the pool under test and the server; see `CommitCutter`.
    @discardableResult
    static func with<R: Sendable>(
        options: String = "", _ adjust: (inout DatabaseConfiguration) -> Void = { _ in }, through port: UInt16? = nil,
        _ body: (TestDatabase) async throws -> R
    ) async throws -> R {
        await Turnstile.shared.enter()
        do {
            let result = try await withDatabase(try configuration(named: nil)) { server in
                let name = "postgres_tests_\(String(UInt64.random(in: 0 ... .max), radix: 36))"
                let template = options.isEmpty ? "" : "template template0 encoding 'UTF8' \(options)"
                try await server.withConnection {
                    try $0.execute("create database \(identifier: name) \(unsafe: template)")
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
            await Turnstile.shared.leave()
            return result
        } catch {
            await Turnstile.shared.leave()
            throw error
        }
    }

    private static func use<R: Sendable>(
        _ name: String, _ adjust: (inout DatabaseConfiguration) -> Void, _ port: UInt16?,
        _ body: (TestDatabase) async throws -> R
    ) async throws -> R {
        var configuration = try configuration(named: name, port: port)
        adjust(&configuration)
        return try await withDatabase(configuration) { [configuration] database in
            var adminConfiguration = try self.configuration(named: name)
            adminConfiguration.poolSize = 1
            return try await withDatabase(adminConfiguration) { admin in
                try await body(TestDatabase(database: database, configuration: configuration, admin: admin))
            }
        }
    }

    private static func drop(_ name: String, on server: Database) async throws {
        try await server.withConnection { try $0.execute("drop database \(identifier: name) with (force)") }
    }

    /// The server's configuration, with another database's name and perhaps another port in the URL.
    private static func configuration(named name: String?, port: UInt16? = nil) throws -> DatabaseConfiguration {
        guard let pointer = getenv("TEST_POSTGRES_URL"), pointer.pointee != 0 else {
            throw TestFailure("TEST_POSTGRES_URL is not set: the URL of a superuser of a running PostgreSQL is needed")
        }
        var url = String(cString: pointer)
        if let name {
            let query = url.firstIndex(of: "?") ?? url.endIndex
            guard let scheme = url.firstRange(of: "://"),
                let slash = url[scheme.upperBound..<query].lastIndex(of: "/")
            else { throw TestFailure("TEST_POSTGRES_URL is not like postgresql://postgres@127.0.0.1:5432/postgres") }
            url.replaceSubrange(url.index(after: slash)..<query, with: name)
        }
        if let port { url = url.replacing(#/:\d+\//#, with: ":\(port)/") }
        var configuration = try DatabaseConfiguration(url: url, applicationName: "postgres-tests")
        configuration.poolSize = 2
        configuration.acquireTimeout = .seconds(20)
        configuration.statementTimeout = .seconds(20)
        configuration.lockTimeout = .seconds(20)
        return configuration
    }
}

struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Lets a few tests in at a time, so that all of them together stay below the server's bound of connections.
private actor Turnstile {
    static let shared = Turnstile(places: 8)

    private var places: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(places: Int) { self.places = places }

    func enter() async {
        if places > 0 {
            places -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func leave() {
        if waiting.isEmpty { places += 1 } else { waiting.removeFirst().resume() }
    }
}

/// Waits until `condition` holds, at most 20 s.
func eventually(
    _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(20)
    while try await !condition() {
        guard clock.now < end else {
            Issue.record(what, sourceLocation: sourceLocation)
            throw TestFailure("not in time: \(what)")
        }
        try await clock.sleep(for: .milliseconds(2))
    }
}

/// The `DatabaseError` that `body` throws.
func databaseError<R>(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> R
) async throws -> DatabaseError {
    do {
        _ = try await body()
    } catch let error as DatabaseError {
        return error
    }
    Issue.record("no error was thrown", sourceLocation: sourceLocation)
    throw TestFailure("no error was thrown")
}

/// A value that several tasks and threads use.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    func withLock<R: Sendable>(_ body: (inout Value) -> R) -> R { value.withLock { body(&$0) } }
}

/// A number that several tasks and threads add to.
final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    /// The new value.
    @discardableResult
    func increment() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}
