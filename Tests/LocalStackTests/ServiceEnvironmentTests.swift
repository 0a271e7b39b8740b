import Testing

@testable import LocalStack

@Suite("Environment of a service")
struct ServiceEnvironmentTests {
    private let secrets: Secrets = {
        var secrets = Secrets()
        var random = SystemRandomNumberGenerator()
        secrets.complete(caller: [:], random: &random)
        return secrets
    }()

    private func variables(of service: ServiceKind, caller: [String: String] = [:]) -> [String: String] {
        ServiceEnvironment(caller: caller, secrets: secrets, data: "/data", postgresPort: 5, natsPort: 6)
            .variables(
                for: service, operatorPort: service.hasOperatorPort ? 7 : nil, port: service == .gateway ? 8 : nil)
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

    @Test("Settings of the caller reach those they concern")
    func settings() {
        let caller = [
            "LOG_LEVEL": "debug", "RATE_LIMIT_LOGIN": "5", "JWT_ACCESS_EXPIRATION": "1m", "JWT_SECRET": "given",
            "CORS_ORIGINS": "https://a", "TRUSTED_PROXIES": "10.0.0.0/8", "HOST": "0.0.0.0", "SECRET_OF_MINE": "y",
        ]
        for service in ServiceKind.allCases {
            let variables = variables(of: service, caller: caller)
            for name in ["LOG_LEVEL", "RATE_LIMIT_LOGIN", "JWT_ACCESS_EXPIRATION"] {
                #expect(variables[name] == caller[name])
            }
            for name in ["CORS_ORIGINS", "TRUSTED_PROXIES", "HOST"] {
                #expect(variables[name] == (service == .gateway ? caller[name] : nil))
            }
            #expect(variables["JWT_SECRET"] == (service == .auth ? "given" : nil))
            #expect(variables["SECRET_OF_MINE"] == nil)
        }
    }

    @Test("A gateway listens on its public port, and only for this machine unless told otherwise")
    func gateway() {
        #expect(variables(of: .gateway)["PORT"] == "8")
        #expect(variables(of: .gateway)["HOST"] == "127.0.0.1")
    }
}
