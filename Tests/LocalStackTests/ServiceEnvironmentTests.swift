import TestKit
import Testing

@testable import LocalStack

@Suite("Environment of a service", .seeded)
struct ServiceEnvironmentTests {
    private let secrets: Secrets = {
        var secrets = Secrets()
        var random = SeededGenerator()
        secrets.complete(caller: [:], random: &random)
        return secrets
    }()

    private func variables(of service: ServiceKind, caller: [String: String] = [:]) -> [String: String] {
        let settings = SettingNames(
            example: """
                # Words, and A=1 among them.
                #LOG_LEVEL=info
                JWT_ACCESS_EXPIRATION=15m
                #JWT_SECRET=
                #CORS_ORIGINS=a
                #HOST=127.0.0.1
                #PORT=8000
                #OPS_PORT=9090
                #DATABASE_URL=
                #ORDERS_DATABASE_URL=
                #NATS_URL=
                #NATS_AUTH_PASSWORD=
                #ADMIN_EMAIL=
                #ADMIN_PASSWORD=
                #NEW_SETTING=1
                #NEW_PASSWORD=
                """)
        return ServiceEnvironment(
            caller: caller, settings: settings, secrets: secrets, data: "/data", postgresPort: 5, natsPort: 6
        )
        .variables(for: service, operatorPort: 7, port: service == .gateway ? 8 : nil)
    }

    @Test("A service gets its own secrets and nobody else's", arguments: ServiceKind.allCases)
    func ownSecretsOnly(service: ServiceKind) {
        let text = variables(of: service).values.joined(separator: "\n")
        for other in ServiceKind.allCases {
            #expect(text.contains(secrets.natsPassword(other)) == (other == service))
            if other.hasSchema { #expect(text.contains(secrets.rolePassword(other)) == (other == service)) }
        }
        #expect(!text.contains(secrets.superuserPassword))
        #expect((variables(of: service)["JWT_SECRET"] != nil) == (service == .auth))
        #expect((variables(of: service)["ADMIN_PASSWORD"] != nil) == (service == .auth))
    }

    @Test("A service reaches its schema through its own role")
    func database() {
        let password = secrets.rolePassword(.chat)
        let variables = variables(of: .chat)
        #expect(variables["CHAT_DATABASE_URL"] == "postgresql://chat:\(password)@127.0.0.1:5/orderline")
        #expect(variables["DATABASE_URL"] == nil)
        #expect(variables["NATS_URL"] == "nats://127.0.0.1:6")
        #expect(variables["OPS_PORT"] == "7")
    }

    @Test("Addresses of other servers are not taken over, but for one service's own database")
    func foreignServers() {
        let caller = [
            "DATABASE_URL": "x", "NATS_URL": "x", "OPS_PORT": "x", "PGHOST": "x", "ORDERS_DATABASE_URL": "own",
        ]
        let variables = variables(of: .orders, caller: caller)
        #expect(!variables.values.contains("x"))
        #expect(variables["ORDERS_DATABASE_URL"] == "own")
    }

    @Test("A setting of the caller that .env.example names reaches every service, a secret only its own")
    func settings() {
        let caller = [
            "LOG_LEVEL": "debug", "JWT_ACCESS_EXPIRATION": "1m", "CORS_ORIGINS": "https://a", "HOST": "0.0.0.0",
            "NEW_SETTING": "2", "JWT_SECRET": "given", "NEW_PASSWORD": "n", "ADMIN_EMAIL": "a@b.c",
            "ADMIN_PASSWORD": "p", "NATS_AUTH_PASSWORD": "foreign", "SECRET_OF_MINE": "y", "A": "1",
        ]
        for service in ServiceKind.allCases {
            let variables = variables(of: service, caller: caller)
            for name in ["LOG_LEVEL", "JWT_ACCESS_EXPIRATION", "CORS_ORIGINS", "HOST", "NEW_SETTING"] {
                #expect(variables[name] == caller[name], "\(name)")
            }
            for name in ["JWT_SECRET", "ADMIN_EMAIL", "ADMIN_PASSWORD"] {
                #expect(variables[name] == (service == .auth ? caller[name] : nil), "\(name)")
            }
            for name in ["SECRET_OF_MINE", "NEW_PASSWORD", "A"] { #expect(variables[name] == nil, "\(name)") }
            #expect(!variables.values.contains("foreign"))
        }
    }

    @Test("A gateway listens on its public port, and only for this machine unless told otherwise")
    func gateway() {
        #expect(variables(of: .gateway)["PORT"] == "8")
        #expect(variables(of: .gateway)["HOST"] == "127.0.0.1")
    }
}
