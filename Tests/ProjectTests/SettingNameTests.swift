import AuthService
import ChatService
import Configuration
import GatewayService
import LocalStack
import OrdersService
import Synchronization
import Testing

@testable import Provision

/// A setting stands where it is read, in `.env.example`, and in docker-compose.yml; these keep the three together.
struct SettingNameTests {
    /// What every program asks for at its start.
    private static let read: Set<String> = {
        let names = AccessedNames()
        // With an Admin, so that its name is asked for too.
        let reader = ConfigReader(
            provider: EnvironmentVariablesProvider(environmentVariables: [
                "ADMIN_EMAIL": "a@example.com", "ADMIN_PASSWORD": "correct horse",
            ]),
            accessReporter: names)
        // What is missing is of no account here: a program reads all of its settings before it says so.
        _ = try? AuthConfiguration(reader: reader)
        _ = try? OrdersConfiguration(reader: reader)
        _ = try? ChatConfiguration(reader: reader)
        _ = try? GatewayConfiguration(reader: reader)
        _ = try? ProvisionConfiguration(reader: reader)
        // Each secret may stand in a file, which .env.example says once for all of them.
        return names.all.filter { !$0.hasSuffix("_FILE") || !names.all.contains(String($0.dropLast(5))) }
    }()

    /// Read by the containers of PostgreSQL and by `Deploy/postgres-init.sql`.
    private static let ofDatabase: Set<String> = [
        "POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD", "AUTH_DB_PASSWORD", "ORDERS_DB_PASSWORD",
        "CHAT_DB_PASSWORD",
    ]

    /// Decided by the image, since a container has its own network; `HOST` and `PORT` say where it is published.
    private static let ofContainer: Set<String> = ["OPS_PORT", "OPS_HOST", "HOST", "PORT", "NATS_URL", "DATABASE_URL"]

    @Test("Every setting that a program reads stands in .env.example, and every one that stands there is read")
    func example() throws {
        let named = SettingNames(example: try ProjectFile(".env.example").text).all
        #expect(Self.read.count > 30)
        #expect(Self.read.subtracting(named) == [], "not in .env.example")
        #expect(named.subtracting(Self.read).subtracting(Self.ofDatabase) == [], "read by nothing")
    }

    @Test("Every setting can be given to the system in containers")
    func compose() throws {
        let compose = try ProjectFile("docker-compose.yml")
        let taken = try compose.matches(#"\$\{([A-Z][A-Z0-9_]*)"#).union(
            try compose.matches(#"^ +([A-Z][A-Z0-9_]*):$"#))
        #expect(
            Self.read.union(Self.ofDatabase).subtracting(Self.ofContainer).subtracting(taken) == [], "not passed on")
        #expect(taken.subtracting(Self.read).subtracting(Self.ofDatabase) == [], "read by nothing")
    }

    @Test("What one program may not see of another is not among the settings for all")
    func secrets() throws {
        let compose = try ProjectFile("docker-compose.yml")
        let secret = try compose.matches(#"^ +([A-Z][A-Z0-9_]*(?:_PASSWORD|_SECRET|_URL)):$"#)
        #expect(secret == [])
    }
}

/// Remembers what was asked for, by the names of variables.
private final class AccessedNames: AccessReporter {
    private let names = Mutex<Set<String>>([])

    var all: Set<String> { names.withLock { $0 } }

    func report(_ event: AccessEvent) {
        let name = event.metadata.key.components.joined(separator: "_").uppercased()
        _ = names.withLock { $0.insert(name) }
    }
}
