import Contracts
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MemoryTransport
import Messaging
import Primitives
import ServiceLifecycle
import Synchronization
import TestKit
import Testing

@testable import GatewayService

/// Which requests count, whose they are, and what gateways tell each other of them.
@Suite(.bounded)
struct RateLimiterTests {
    private static let budgets = RateBudgets { _ in (100, .seconds(60)) }

    private static func isAllowed(_ standing: RateStanding) -> Bool {
        if case .allowed = standing.verdict { true } else { false }
    }

    // MARK: Memory

    @Test("However many clients there are, as many are remembered as there is room for, and the busy ones of them")
    func bounded() {
        let limiter = RateLimiter(Self.budgets, table: RateTable(capacity: 3200), now: { 1 })
        let busy = Identifier.make()
        for _ in 0..<10 { #expect(Self.isAllowed(limiter.take(.read, of: busy))) }
        for _ in 0..<50_000 {
            #expect(Self.isAllowed(limiter.take(.read, of: .make())))
            #expect(!Self.isAllowed(limiter.take(.read, of: busy)))
        }
        #expect((1600...3300).contains(limiter.rememberedCount))
    }

    // MARK: Between gateways

    @Test("Each hundredth of a budget is told once, and what was told counts elsewhere")
    func reports() {
        let budgets = RateBudgets { _ in (1000, .seconds(60)) }
        let (here, there) = (RateLimiter(budgets, now: { 1 }), RateLimiter(budgets, now: { 1 }))
        let user = Identifier.make()
        for count in 1...35 {
            _ = here.take(.read, of: user)
            #expect(here.reports.takeAll().map(\.count) == (count.isMultiple(of: 10) ? [10] : []))
        }
        for _ in 0..<3 { there.add(30, to: RateKey(.read, user)) }
        for _ in 0..<10 { #expect(Self.isAllowed(there.take(.read, of: user))) }
        #expect(!Self.isAllowed(there.take(.read, of: user)))
        // Others have theirs.
        #expect(Self.isAllowed(there.take(.read, of: .make())))
    }

    @Test("Two gateways together allow a budget once, within a tenth; each for itself would allow its burst")
    func together() async throws {
        let memory = MemoryHub()
        let budgets = RateBudgets { _ in (1000, .seconds(60)) }
        let transports = (0..<2).map { _ in MemoryTransport(hub: memory) }
        let limiters = transports.map { _ in RateLimiter(budgets, now: { 1 }) }
        let sharing = zip(transports, limiters).map { RateSharing(id: .make(), limiter: $1, transport: $0) }
        try await during {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for transport in transports { group.addTask { try? await transport.run() } }
                for each in sharing { group.addTask { try await each.run() } }
                try await group.waitForAll()
            }
        } _: {
            let other = Identifier.make()
            // Until both hear each other.
            try await eventually("what one allows, the other knows") {
                for limiter in limiters { _ = limiter.take(.anonymous, from: nil) }
                return limiters.allSatisfy { !Self.isAllowed($0.take(.anonymous, from: nil)) }
            }
            var allowed = 0
            for _ in 0..<120 {
                for limiter in limiters where Self.isAllowed(limiter.take(.read, of: other)) { allowed += 1 }
                try await Task.sleep(for: .milliseconds(2))
            }
            #expect((100..<150).contains(allowed), "\(allowed)")
        }
    }

    @Test("A signal that is none, is too long or is of a gateway's own is passed over")
    func signals() throws {
        let id = GatewayID.make()
        let signal = RateSignal(of: id, [.init("0-1-2", 3)])
        #expect(RateSignal(signal.envelope) == signal)
        for text in ["", "{", "[]", #"{"gateway":"x","uses":[]}"#, #"{"uses":[]}"#, #"{"gateway":"abcdefghij"}"#] {
            #expect(RateSignal(Envelope(payload: Array(text.utf8))) == nil, "\(text)")
        }
        let long = RateSignal(of: id, Array(repeating: .init("0-1-2", 3), count: RateSignal.limit + 1))
        #expect(RateSignal(long.envelope) == nil)
    }

    // MARK: Requests

    private func get(
        _ client: any TestClientProtocol, _ path: String, _ token: String? = nil, _ method: HTTPRequest.Method = .get
    ) async throws -> (status: Int, limit: String?, policy: String?, retryAfter: String?) {
        var headers: HTTPFields = [:]
        if let token { headers[.authorization] = "Bearer \(token)" }
        let answer = try await client.execute(uri: path, method: method, headers: headers)
        return (
            answer.status.code, answer.headers[.rateLimit], answer.headers[.rateLimitPolicy],
            answer.headers[.retryAfter]
        )
    }

    @Test("Of an address counts what nobody has asked: open routes, bad tokens, and what there is not")
    func anonymous() async throws {
        try await TestGateway.withClient(["RATE_LIMIT_ANONYMOUS": "40/1h"]) { gateway, client in
            let paths = ["/problems/not-found", "/nowhere", "/api/v1/orders", "/api/v1/users/me"]
            for (number, path) in paths.enumerated() {
                let answer = try await get(client, path)
                #expect(answer.status == [200, 404, 401, 401][number])
                #expect(answer.policy == #""anonymous";q=40;w=3600"#)
                #expect(answer.limit?.hasPrefix(#""anonymous";r=\#(3 - number);t="#) == true)
            }
            for (path, method) in [
                ("/problems/not-found", HTTPRequest.Method.get), ("/nowhere", .get), ("/api/v1/orders", .get),
                ("/problems/not-found", .delete), ("//", .get),
            ] {
                let answer = try await get(client, path, nil, method)
                #expect(answer.status == 429 && Int(answer.retryAfter ?? "") ?? 0 > 0, "\(path)")
                #expect(answer.limit?.hasPrefix(#""anonymous";r=0;t="#) == true)
            }
            // Nor does it touch who is signed in, or who looks whether the gateway is well.
            #expect(try await get(client, "/api/v1/users/me", gateway.token(for: .regular())).status != 429)
            for _ in 0..<10 { #expect(try await get(client, "/health/live").status == 200) }
            #expect(try await get(client, "/health/live").limit == nil)
        }
    }

    @Test("Of a user reads and writes count apart, whatever token and address they come by; so does signing in")
    func perUser() async throws {
        let settings = ["RATE_LIMIT_READ": "20/1h", "RATE_LIMIT_WRITE": "10/1h", "RATE_LIMIT_SIGN_IN": "10/1h"]
        try await TestGateway.withClient(settings) { gateway, client in
            let caller = Caller.regular()
            let tokens = [try await gateway.token(for: caller), try await gateway.token(for: caller)]
            #expect(try await get(client, "/api/v1/users/me", tokens[0]).limit?.hasPrefix(#""read";r=1;"#) == true)
            #expect(try await get(client, "/api/v1/orders", tokens[1]).limit?.hasPrefix(#""read";r=0;"#) == true)
            #expect(try await get(client, "/api/v1/users/me", tokens[1]).status == 429)
            let write = try await get(client, "/api/v1/orders", tokens[0], .post)
            #expect(write.policy == #""write";q=10;w=3600"# && write.status != 429)
            #expect(try await get(client, "/api/v1/orders", tokens[0], .post).status == 429)
            #expect(try await get(client, "/api/v1/users/me", gateway.token(for: .regular())).status != 429)
            let signIn = try await get(client, "/api/v1/auth/login", nil, .post)
            #expect(signIn.policy == #""sign-in";q=10;w=3600"# && signIn.status != 429)
            #expect(try await get(client, "/api/v1/auth/register", nil, .post).status == 429)
        }
    }

    @Test("With RATE_LIMIT_ENABLED=false nothing is counted and nothing said of it")
    func off() async throws {
        let settings = ["RATE_LIMIT_ANONYMOUS": "1/1h", "RATE_LIMIT_ENABLED": "false"]
        try await TestGateway.withClient(settings) { _, client in
            for _ in 0..<5 {
                let answer = try await get(client, "/problems/not-found")
                #expect(answer.status == 200 && answer.limit == nil && answer.policy == nil)
            }
        }
    }
}
