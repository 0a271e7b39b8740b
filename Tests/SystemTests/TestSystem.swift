import Configuration
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import MemoryTransport
import NIOCore
import Postgres
import Primitives
import ServiceKit
import ServiceLifecycle
import TestKit
import Testing

@testable import AuthService
@testable import ChatService
@testable import GatewayService
@testable import OrdersService

/// The four services in one process, as they are but for two things: the in-memory transport between them, and one
/// database for all, which each reaches as the same role.
struct TestSystem: Sendable {
    static let adminPassword = "correct horse battery staple"

    let client: any TestClientProtocol
    let memory: MemoryHub

    /// Runs `body` beside a system that is ready, and stops it gracefully.
    static func with(_ body: @Sendable (TestSystem) async throws -> Void) async throws {
        try await TestDatabase.with({ $0.poolSize = 4 }) { test in
            let memory = MemoryHub()
            let settings = ConfigReader(
                provider: EnvironmentVariablesProvider(environmentVariables: [
                    "LOG_LEVEL": "critical", "PORT": "0", "DRAIN_TIME": "0s",
                    "DATABASE_URL": "postgresql://nobody@127.0.0.1/nothing",
                    "JWT_SECRET": "a secret of this test, longer than 32 bytes", "ADMIN_EMAIL": "admin@orderline.test",
                    "ADMIN_PASSWORD": adminPassword, "RECONCILE_INTERVAL": "1s",
                ]))
            func database(_ schema: String) -> DatabaseConfiguration {
                var configuration = test.configuration
                configuration.searchPath = schema
                return configuration
            }
            var (auth, orders, chat) = (
                try AuthConfiguration(reader: settings), try OrdersConfiguration(reader: settings),
                try ChatConfiguration(reader: settings)
            )
            auth.backend.database = database("auth")
            orders.backend.database = database("orders")
            chat.backend.database = database("chat")
            func transport() -> MemoryTransport { MemoryTransport(hub: memory) }
            let gateway = try GatewayService(
                configuration: GatewayConfiguration(reader: settings), transport: transport())
            let services = [
                try AuthService(configuration: auth, transport: transport()).parts(),
                try OrdersService(configuration: orders, transport: transport()).parts(),
                try ChatService(configuration: chat, transport: transport()).parts(), gateway.parts,
            ]
            try await run(services.map { ServiceGroup(services: $0, logger: .silent) }) {
                try await Application(responder: gateway.responder).test(.router) { client in
                    let system = TestSystem(client: client, memory: memory)
                    try await eventually("the system is ready") {
                        let isReady = try await system.send(.get, "/health/ready").status == .ok
                        return isReady && memory.isServed("orders.create") && memory.isServed("chat.join")
                    }
                    try await body(system)
                }
            }
        }
    }

    /// Runs the groups, each as a process would, until `body` has returned.
    private static func run(_ groups: [ServiceGroup], _ body: @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for group in groups { tasks.addTask { try await group.run() } }
            let result: Result<Void, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            for group in groups.reversed() { await group.triggerGracefulShutdown() }
            try await tasks.waitForAll()
            try result.get()
        }
    }

    // MARK: Asking

    struct Answer {
        var status: HTTPResponse.Status
        var headers: HTTPFields
        var body: JSON
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, as token: String? = nil
    ) async throws -> Answer {
        var headers: HTTPFields = [:]
        if let token { headers[.authorization] = "Bearer \(token)" }
        if body != nil { headers[.contentType] = "application/json" }
        let response = try await client.execute(
            uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
        let bytes = Array(response.body.readableBytesView)
        return Answer(
            status: response.status, headers: response.headers,
            body: bytes.isEmpty ? .null : try JSONParser.parse(bytes).value)
    }

    /// The access token of the first Admin.
    func adminToken() async throws -> String {
        let credentials = #"{"email":"admin@orderline.test","password":"\#(Self.adminPassword)"}"#
        let answer = try await send(.post, "/api/v1/auth/login", credentials)
        return try #require(answer.body["accessToken"].string)
    }

    /// The access token of a new Regular user.
    func userToken(_ name: String) async throws -> String {
        let account = #"{"email":"\#(name)@orderline.test","name":"\#(name)","password":"correct horse battery"}"#
        let answer = try await send(.post, "/api/v1/auth/register", account)
        return try #require(answer.body["accessToken"].string)
    }
}
