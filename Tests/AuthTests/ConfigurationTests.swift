import AuthService
import Configuration
import Contracts
import ServiceKit
import Testing

struct ConfigurationTests {
    private static let good = [
        "AUTH_DATABASE_URL": "postgresql://auth@127.0.0.1/orderline", "JWT_SECRET": "0123456789abcdef0123456789abcdef",
    ]

    private func configuration(_ changes: [String: String]) throws -> AuthConfiguration {
        let variables = Self.good.merging(changes) { _, new in new }
        return try AuthConfiguration(
            reader: ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables)))
    }

    @Test("Without further settings tokens live for 15 minutes and 7 days, and a hash costs what OWASP recommends")
    func defaults() throws {
        let configuration = try configuration([:])
        #expect(
            configuration.lifetimes
                == Lifetimes(
                    accessToken: 900, refreshToken: 604_800, session: 30 * 86_400, refreshGrace: .seconds(10)))
        #expect(configuration.parties == TokenParties(issuer: "orderline", audience: "orderline"))
        #expect(configuration.passwordCost == Argon2Parameters(memoryKiB: 19_456, iterations: 2, lanes: 1))
        #expect(configuration.passwordConcurrency >= 2 && configuration.firstAdmin == nil)
    }

    @Test("Sessions and tokens are as the environment says; a grace of nothing turns it off")
    func sessions() throws {
        let configuration = try configuration([
            "JWT_SESSION_MAXIMUM": "1d", "REFRESH_GRACE": "0s", "JWT_ISSUER": "https://a.example", "JWT_AUDIENCE": "b",
        ])
        #expect(configuration.lifetimes.session == 86_400 && configuration.lifetimes.refreshGrace == .zero)
        #expect(configuration.parties == TokenParties(issuer: "https://a.example", audience: "b"))
    }

    @Test("The first Admin is read from the environment")
    func admin() throws {
        let admin = try configuration(["ADMIN_EMAIL": "root@example.com", "ADMIN_PASSWORD": "long enough"]).firstAdmin
        #expect(admin?.email == "root@example.com" && admin?.name == "Admin")
    }

    @Test(
        "A wrong setting is named",
        arguments: [
            (["JWT_SECRET": ""], "JWT_SECRET"), (["JWT_SECRET": "too short"], "JWT_SECRET"),
            (["JWT_ACCESS_EXPIRATION": "soon"], "JWT_ACCESS_EXPIRATION"),
            (["JWT_ACCESS_EXPIRATION": "0s"], "JWT_ACCESS_EXPIRATION"),
            (["JWT_REFRESH_EXPIRATION": "1m"], "JWT_REFRESH_EXPIRATION"),
            (["JWT_SESSION_MAXIMUM": "1m"], "JWT_SESSION_MAXIMUM"), (["REFRESH_GRACE": "1h"], "REFRESH_GRACE"),
            (["JWT_ISSUER": "a b"], "JWT_ISSUER"), (["JWT_AUDIENCE": "é"], "JWT_AUDIENCE"),
            (["ADMIN_EMAIL": "root@example.com"], "ADMIN_PASSWORD"), (["ADMIN_PASSWORD": "long enough"], "ADMIN_EMAIL"),
            (["ADMIN_EMAIL": "root", "ADMIN_PASSWORD": "long enough"], "ADMIN_EMAIL"),
            (["ADMIN_EMAIL": "root@example.com", "ADMIN_PASSWORD": "short"], "ADMIN_PASSWORD"),
            (
                ["ADMIN_EMAIL": "root@example.com", "ADMIN_PASSWORD": "long enough", "ADMIN_NAME": "Ro\u{202E}ot"],
                "ADMIN_NAME"
            ),
            (
                ["ADMIN_EMAIL": "root@example.com", "ADMIN_PASSWORD": "long enough", "ADMIN_NAME": "\u{3164}\u{3164}"],
                "ADMIN_NAME"
            ),
            (["REQUIRE_ADMIN_TOTP": "perhaps"], "REQUIRE_ADMIN_TOTP"),
            (["PASSWORD_HASH_MEMORY_KIB": "1024"], "PASSWORD_HASH_MEMORY_KIB"),
            (["PASSWORD_HASH_ITERATIONS": "1"], "PASSWORD_HASH_ITERATIONS"),
            (["AUTH_DATABASE_URL": ""], "AUTH_DATABASE_URL"),
        ])
    func faults(_ changes: [String: String], _ variable: String) {
        let error = #expect(throws: ConfigurationError.self) { try configuration(changes) }
        #expect(error?.faults.count == 1 && error?.faults.first?.hasPrefix(variable) == true, "\(error?.faults ?? [])")
    }

    @Test("All wrong settings are named at once, and no secret is shown")
    func allFaults() {
        let error = #expect(throws: ConfigurationError.self) {
            try configuration(["JWT_SECRET": "hunter2", "ADMIN_PASSWORD": "sesame", "JWT_ACCESS_EXPIRATION": "x"])
        }
        #expect(error?.faults.count == 3)
        #expect(error.map { !$0.description.contains("hunter2") && !$0.description.contains("sesame") } == true)
    }
}
