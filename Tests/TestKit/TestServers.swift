/// The servers that tests run against. There is no skipping: a test without its server fails, and says how to run it.
package enum TestServers {
    /// `TEST_POSTGRES_URL`: of a superuser of a running PostgreSQL.
    package static var postgresURL: String {
        get throws {
            try required(
                "TEST_POSTGRES_URL", "the URL of a superuser, like postgresql://postgres@127.0.0.1:5432/postgres")
        }
    }

    /// `TEST_NATS_URL`: of a NATS server with JetStream that allows everything.
    package static var natsURL: String {
        get throws { try required("TEST_NATS_URL", "the URL of a NATS server with JetStream that allows everything") }
    }

    /// `TEST_NATS_CA`: the file of the server's authority, where the URL begins with `tls://`.
    package static var natsAuthorities: String? { Slack.environment("TEST_NATS_CA") }

    private static func required(_ name: String, _ meaning: String) throws -> String {
        if let value = Slack.environment(name) { return value }
        throw TestFailure(
            "\(name) is not set: \(meaning). Run `bin/test --filter NAME`, which starts servers and sets it, or see "
                + "docs/testing.md.")
    }
}
