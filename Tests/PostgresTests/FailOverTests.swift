import TestKit
import Testing

@testable import Postgres

@Suite("Several servers, and one that takes no writes", .bounded)
struct FailOverTests {
    /// The test's database behind servers that are named before it.
    private func url(after hosts: [String], of test: TestDatabase) throws -> String {
        func value(_ name: String) -> String {
            test.configuration.parameters().settings.first { $0.name == name }?.value ?? ""
        }
        let names = hosts.map { $0.split(separator: ":").map(String.init) }
        return """
            host=\((names.map { $0[0] } + [value("host")]).joined(separator: ",")) \
            port=\((names.map { $0[1] } + [value("port")]).joined(separator: ",")) \
            dbname=\(value("dbname")) user=\(value("user")) password='\(value("password"))'
            """
    }

    @Test("A server that is silent costs its share of the time, and only once")
    func silentFirst() async throws {
        try await TestDatabase.with { test in
            let silent = try SilentServer()
            var configuration = try DatabaseConfiguration(
                url: try url(after: ["127.0.0.1:\(silent.port)"], of: test))
            configuration.poolSize = 1
            configuration.connectTimeout = .seconds(1).slackened
            configuration.acquireTimeout = .patience.slackened
            try await withDatabase(configuration) { database in
                func backend() async throws -> Int? {
                    try await database.withConnection { try $0.first("select pg_backend_pid()")?[0, as: Int.self] }
                }
                let first = try await backend()
                let start = ContinuousClock.now
                _ = try? await database.withConnection {
                    try $0.execute("select pg_terminate_backend(pg_backend_pid())")
                }
                let second = try await backend()
                #expect(second != first)
                #expect(
                    ContinuousClock.now - start < .milliseconds(500).slackened, "the silent one was asked first again")
            }
        }
    }

    @Test("Of several servers the one that takes writes is kept")
    func refusedFirst() async throws {
        try await TestDatabase.with { test in
            // Port 1 refuses; nobody may listen there but root.
            let configuration = try DatabaseConfiguration(url: try url(after: ["127.0.0.1:1"], of: test))
            try await withDatabase(configuration) { database in
                let count = try await database.withConnection { try $0.execute("select 1").count }
                #expect(count == 1)
            }
        }
    }

    @Test("Each server has its own name, address and port; one port may serve for all")
    func servers() throws {
        func servers(_ url: String) throws -> [[String]] {
            try DatabaseConfiguration(url: url).parameters().servers.map { server in
                ["host", "hostaddr", "port"].compactMap { name in server.settings.first { $0.name == name }?.value }
            }
        }
        #expect(try servers("postgresql://a:1,b:2/db") == [["a", "1"], ["b", "2"]])
        #expect(try servers("host=a,b port=5") == [["a", "5"], ["b", "5"]])
        #expect(try servers("host=a hostaddr=1.1.1.1") == [["a", "1.1.1.1"]])
        #expect(try servers("host=a,b,c port=1,2").count == 1, "libpq has its own word for that")
        #expect(try servers("host=a,b target_session_attrs=prefer-standby").count == 1)
        #expect(try servers("dbname=db") == [[]])
    }

    @Test("Only a server that takes writes is connected to, unless the URL says otherwise")
    func sessionAttributes() throws {
        func attributes(_ url: String) throws -> String? {
            try DatabaseConfiguration(url: url).parameters().settings.first { $0.name == "target_session_attrs" }?.value
        }
        #expect(try attributes("host=a") == "read-write")
        #expect(try attributes("host=a target_session_attrs=any") == "any")
    }

    @Test("A connection on which nothing can be written any more is thrown away, and the next one works")
    func becameReadOnly() async throws {
        try await TestDatabase.with({ $0.poolSize = 1 }) { test in
            try await test.admin.withConnection { try $0.execute("create table t (id integer)") }
            try await test.database.withConnection { session in
                _ = try session.execute("set default_transaction_read_only = on")
            }
            let error = try await databaseError {
                try await test.database.withTransaction { try $0.execute("insert into t values (1)") }
            }
            #expect(error.code == .server(.readOnlyTransaction) && error.kind == .database)
            try await test.database.withTransaction { try $0.execute("insert into t values (1)") }
            #expect(
                try await test.admin.withConnection { try $0.first("select count(*) from t")?[0, as: Int.self] } == 1)
        }
    }

    @Test("While the only server takes no writes, calls are told that it is away")
    func onlyReadOnly() async throws {
        try await TestDatabase.with({ $0.acquireTimeout = .milliseconds(500) }) { test in
            try await test.admin.withConnection { session in
                _ = try session.executeScript(
                    """
                    do $$ begin execute format('alter database %I set default_transaction_read_only = on',
                        current_database()); end $$
                    """)
            }
            let error = try await databaseError {
                try await test.database.withTransaction { try $0.execute("select 1") }
            }
            #expect(error.code == .unavailable)
        }
    }
}
