import AuthService
import ChatService
import Configuration
import Foundation
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
        // With an Admin, so that its name is asked for too, and a secret that is taken for development only.
        let reader = ConfigReader(
            provider: EnvironmentVariablesProvider(environmentVariables: [
                "ADMIN_EMAIL": "a@example.com", "ADMIN_PASSWORD": "correct horse",
                "JWT_SECRET": "development-only",
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
        "POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD", "MIGRATOR_DB_PASSWORD", "AUTH_DB_PASSWORD",
        "ORDERS_DB_PASSWORD",
        "CHAT_DB_PASSWORD",
        "AUTH_MIGRATION_DATABASE_URL", "ORDERS_MIGRATION_DATABASE_URL", "CHAT_MIGRATION_DATABASE_URL",
    ]

    /// Read by the example, which is no part of the system.
    private static let ofExample: Set<String> = ["DEMO", "DEMO_EMAIL", "DEMO_PASSWORD"]

    /// Which images compose runs and builds upon.
    private static let ofImages: Set<String> = ["POSTGRES_IMAGE", "NATS_IMAGE", "SWIFT_IMAGE", "DEBIAN_IMAGE"]

    /// Decided by the image, since a container has its own network; `HOST` and `PORT` say where it is published.
    private static let ofContainer: Set<String> = ["OPS_PORT", "OPS_HOST", "HOST", "PORT", "NATS_URL", "DATABASE_URL"]

    @Test("Every setting that a program reads stands in .env.example, and every one that stands there is read")
    func example() throws {
        let named = SettingNames(example: try ProjectFile(".env.example").text).all
        #expect(Self.read.count > 30)
        #expect(Self.read.subtracting(named) == [], "not in .env.example")
        let others = Self.ofDatabase.union(Self.ofImages).union(Self.ofExample)
        #expect(named.subtracting(Self.read).subtracting(others) == [], "read by nothing")
    }

    @Test("Every setting can be given to the system in containers")
    func compose() throws {
        let compose = try ProjectFile("docker-compose.yml")
        let taken = try compose.matches(#"\$\{([A-Z][A-Z0-9_]*)"#).union(
            try compose.matches(#"^ +([A-Z][A-Z0-9_]*):$"#))
        #expect(
            Self.read.union(Self.ofDatabase).subtracting(Self.ofContainer).subtracting(taken) == [], "not passed on")
        let others = Self.ofDatabase.union(Self.ofImages).union(Self.ofExample)
        #expect(taken.subtracting(Self.read).subtracting(others) == [], "read by nothing")
    }

    @Test("What one program may not see of another is not among the settings for all")
    func secrets() throws {
        let compose = try ProjectFile("docker-compose.yml")
        let secret = try compose.matches(#"^ +([A-Z][A-Z0-9_]*(?:_PASSWORD|_SECRET|_URL)):$"#)
        #expect(secret == [])
    }

    @Test("No secret has a value in the compose file, and what is missing says how it is made")
    func noUsableSecret() throws {
        let compose = try ProjectFile("docker-compose.yml")
        let named = try compose.matches(#"\$\{([A-Z][A-Z0-9_]*(?:_PASSWORD|_SECRET))"#)
        let required = try compose.matches(#"\$\{([A-Z][A-Z0-9_]*):\?make it with bin/secrets\}"#)
        #expect(named.count == 13 && named == required)
        #expect(try compose.matches(#"\$\{([A-Z][A-Z0-9_]*(?:_PASSWORD|_SECRET))(?!:\?)"#) == [])
        #expect(!compose.text.contains("development-only"))
    }

    @Test("bin/secrets makes exactly what the compose file requires")
    func madeSecrets() throws {
        let required = try ProjectFile("docker-compose.yml").matches(#"\$\{([A-Z][A-Z0-9_]*):\?"#)
        let list = try ProjectFile("bin/secrets").matches(#"\b([A-Z][A-Z_]*(?:_PASSWORD|_SECRET))\b"#)
        #expect(list == required)
    }

    @Test("Every container is closed: read-only, without capabilities, bounded, and none but the gateway's is in front")
    func hardening() throws {
        let text = try ProjectFile("docker-compose.yml").text
        // Our own programs share one description; PostgreSQL and NATS have theirs.
        for line in ["read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "pids_limit:", "mem_limit:"] {
            #expect(text.components(separatedBy: line).count - 1 >= 3, "\(line)")
        }
        #expect(text.components(separatedBy: "networks: [front, back]").count == 2)
        #expect(text.components(separatedBy: "ports:").count == 2)
        #expect(text.contains("internal: true"))
        // The flag would open the monitor to the network; the file says where it listens.
        #expect(!text.contains(#""-m""#))
        #expect(try ProjectFile("Deploy/nats-container.conf").matches(#"^http: "(.*)"$"#) == ["127.0.0.1:8222"])
    }

    @Test("The images of the compose file, the Dockerfile and .env.example are the same ones, each with its version")
    func images() throws {
        let example = try ProjectFile(".env.example").matches(#"^#([A-Z]+_IMAGE=[a-z]+:.+)$"#)
        let compose = try ProjectFile("docker-compose.yml").matches(#"image: \$\{([A-Z]+_IMAGE:-[^}]+)\}"#)
        let built = try ProjectFile("Dockerfile").matches(#"^ARG ([A-Z]+_IMAGE=.+)$"#)
        #expect(Set(compose.map { $0.replacing(":-", with: "=") }).union(built) == example)
        // A release of its own, and not whatever is the newest.
        for image in example { #expect(image.contains(/:[0-9a-z.-]*([0-9]|bookworm)/), "\(image)") }
        #expect(try ProjectFile("Dockerfile").matches(#"^FROM ([a-z].*)$"#) == [])
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
