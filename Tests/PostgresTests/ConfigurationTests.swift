import TestKit
import Testing

@testable import Postgres

@Suite("Configuration", .bounded)
struct ConfigurationTests {
    @Test(
        "A URL libpq cannot read is refused without showing it",
        arguments: [
            "", "postgresql://user:hunter2@host/db?nothing=1", "postgresql://user:hunter2@[::1/db", "hunter2",
            "host=x hunter2",
        ])
    func invalid(url: String) throws {
        let error = #expect(throws: DatabaseError.self) { try DatabaseConfiguration(url: url) }
        #expect(error?.code == .configuration)
        #expect(!"\(error as Any)".contains("hunter2"))
    }

    @Test("No description of a configuration has the password")
    func discretion() throws {
        let configuration = try DatabaseConfiguration(url: "postgresql://user:hunter2@host/db?sslmode=disable")
        var dumped = "\(configuration) \(String(reflecting: configuration))"
        dump(configuration, to: &dumped)
        #expect(!dumped.contains("hunter2"))
        #expect("\(configuration)" == "database dbname=db host=host")
    }

    @Test(
        "Off the machine only verify-full keeps what is said from others, and nothing is sent in the clear unsaid",
        arguments: [
            ("postgresql:///db", DatabaseConfiguration.Privacy.local),
            ("postgresql://u@/db?host=/run/postgresql", .local),
            ("postgresql://localhost/db", .local), ("postgresql://127.9.9.9:1/db", .local),
            ("postgresql://[::1]:5432/db", .local), ("postgresql://LOCALHOST,127.0.0.1/db", .local),
            ("host=@abstract dbname=db", .local), ("postgresql://x/db?hostaddr=127.0.0.1", .local),
            ("postgresql://db.example/db", .unverified), ("postgresql://127.0.0.1,db.example/db", .unverified),
            ("postgresql://localhost.example/db", .unverified), ("postgresql://127.0.0.1.example/db", .unverified),
            ("postgresql://localhost/db?hostaddr=10.0.0.1", .unverified), ("service=elsewhere", .unverified),
            ("host=db.example,x hostaddr=,127.0.0.1", .unverified),
            ("postgresql://db/db?sslmode=prefer", .unverified), ("postgresql://db/db?sslmode=require", .unverified),
            ("postgresql://db/db?sslmode=verify-ca", .unverified), ("postgresql://db/db?sslmode=disable", .inTheClear),
            ("postgresql://a,b/db?sslmode=verify-full&sslrootcert=x", .verified),
        ])
    func privacy(url: String, expected: DatabaseConfiguration.Privacy) throws {
        #expect(try DatabaseConfiguration(url: url).privacy == expected)
    }

    @Test("The URL's own settings stay, ours are added")
    func settings() throws {
        let url = "postgresql://user@/db?host=/tmp&keepalives_idle=99&options=-c%20geqo%3Doff"
        let configuration = try DatabaseConfiguration(
            url: url, searchPath: "my schema, public", applicationName: "orders")
        let settings = Dictionary(
            configuration.parameters().settings.map { ($0.name, $0.value) }, uniquingKeysWith: { "\($0) and \($1)" })
        #expect(
            settings["host"] == "/tmp" && settings["keepalives_idle"] == "99"
                && settings["application_name"] == "orders")
        #expect(settings["options"]?.hasPrefix("-c geqo=off -c statement_timeout=5000 ") == true)
        #expect(settings["options"]?.hasSuffix(#"-c search_path=my\ schema,\ public"#) == true)
    }

    @Test("Every connection has the settings of the configuration")
    func applied() async throws {
        try await TestDatabase.with({
            $0.statementTimeout = .milliseconds(1234)
            $0.lockTimeout = .seconds(2)
            $0.searchPath = "\"we ird\", public"
            $0.applicationName = "settings"
        }) { test in
            let shown = try await test.database.withConnection { session in
                try session.first(
                    """
                    select array[current_setting('statement_timeout'), current_setting('lock_timeout'),
                        current_setting('search_path'), current_setting('application_name'),
                        current_setting('timezone'),
                        current_setting('client_min_messages'), current_setting('client_encoding')]
                    """)?[0, as: [String].self]
            }
            #expect(shown == ["1234ms", "2s", "\"we ird\", public", "settings", "UTC", "warning", "UTF8"])
        }
    }
}
