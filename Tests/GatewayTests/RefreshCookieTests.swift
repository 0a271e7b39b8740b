import Contracts
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTesting
import MemoryTransport
import Messaging
import NIOCore
import NIOEmbedded
import Primitives
import Synchronization
import TestKit
import Testing

@testable import GatewayService

/// The cookie that carries the refresh token: its names, who may use it, and how it goes.
@Suite(.bounded)
struct RefreshCookieTests {
    private let cookie = RefreshCookie(origins: OriginPolicy(["https://app.example"]))

    private func request(_ cookies: String?, origin: String? = nil, isSecure: Bool = true) -> GatewayRequest {
        var head = HTTPRequest(method: .post, scheme: "https", authority: "shop.example", path: "/api/v1/auth/refresh")
        head.headerFields[.cookie] = cookies
        head.headerFields[.origin] = origin
        return GatewayRequest(
            head: head, uri: "/api/v1/auth/refresh", parameters: Parameters(), context: CallContext(requestID: "r"),
            body: [], isSecure: isSecure, channel: EmbeddedChannel())
    }

    @Test("Over HTTPS the name with the prefix counts, and the other while that is not there; over HTTP the other one")
    func names() throws {
        let table: [(String?, Bool, RefreshCookie.Presence)] = [
            (nil, true, .absent), ("a=b", true, .absent), ("__Secure-refreshToken=a", true, .token("a")),
            ("refreshToken=a", true, .token("a")), ("refreshToken=old; __Secure-refreshToken=a", true, .token("a")),
            ("refreshToken=a", false, .token("a")), ("__Secure-refreshToken=a", false, .absent),
            ("__Secure-refreshToken=a; refreshToken=b", false, .token("b")),
            ("refreshToken=a; refreshToken=b", false, .ambiguous), ("refreshToken=a; refreshToken=b", true, .ambiguous),
            ("refreshToken=a; x=1; refreshToken=a", false, .token("a")),
            ("__Secure-refreshToken=a; __Secure-refreshToken=b", true, .ambiguous),
        ]
        for (cookies, isSecure, expected) in table {
            #expect(
                try cookie.presence(in: request(cookies, isSecure: isSecure)) == expected,
                "\(cookies ?? "") \(isSecure)")
        }
    }

    @Test(
        "With the cookie the origin is absent, the gateway's own or a listed one",
        arguments: [
            (nil, true), ("https://shop.example", true), ("https://app.example", true), ("https://evil.example", false),
            ("null", false), ("", false), ("https://app.example.evil.example", false),
            ("https://app.example, https://evil.example", false), ("https://shop.example:8443", false),
        ] as [(String?, Bool)])
    func origins(origin: String?, isGood: Bool) throws {
        if isGood {
            #expect(try cookie.presence(in: request("refreshToken=a", origin: origin)) == .token("a"))
        } else {
            let error = #expect(throws: ServiceError.self) {
                try cookie.presence(in: request("refreshToken=a", origin: origin))
            }
            #expect(error?.code == .forbidden)
        }
        #expect(try cookie.presence(in: request(nil, origin: origin)) == .absent)
    }

    @Test("What clears it has both names, the prefixed one as browsers want it, and the storage of the origin goes")
    func cleared() {
        for isSecure in [false, true] {
            let fields = cookie.cleared(for: request("refreshToken=a", isSecure: isSecure))
            let lines = fields[values: .setCookie]
            let rest = "=; Max-Age=0; Path=/api/v1/auth; HttpOnly; SameSite=Strict"
            #expect(
                lines == ["refreshToken\(rest)\(isSecure ? "; Secure" : "")", "__Secure-refreshToken\(rest); Secure"])
            #expect(HTTPField.Name("Clear-Site-Data").flatMap { fields[$0] } == "\"storage\"")
        }
    }

    // MARK: Over routes

    private func code(_ response: TestResponse) throws -> String? {
        try JSONParser.parse(Array(response.body.readableBytesView)).value["code"].string
    }

    @Test("Refreshing by cookie: a foreign site is refused, two cookies are cleared, one is taken to auth")
    func refresh() async throws {
        try await TestGateway.withClient(["CORS_ORIGINS": "https://app.example"]) { gateway, client in
            func post(_ headers: HTTPFields) async throws -> TestResponse {
                try await client.execute(uri: "/api/v1/auth/refresh", method: .post, headers: headers)
            }
            let foreign = try await post([.cookie: "refreshToken=a", .origin: "https://evil.example"])
            #expect(foreign.status == .forbidden)
            #expect(try code(foreign) == "forbidden")
            let two = try await post([.cookie: "refreshToken=a; refreshToken=b"])
            #expect(two.status == .unauthorized)
            #expect(try code(two) == "invalid-refresh-token")
            #expect(two.headers[values: .setCookie].count == 2)
            #expect(gateway.auth.asked("auth.refresh") == 0)
            let good = try await post([.cookie: "refreshToken=a", .origin: "https://app.example"])
            #expect(good.status == .ok)
            #expect(good.headers[values: .setCookie].map { $0.hasPrefix("refreshToken=next;") } == [true])
            #expect(gateway.auth.state.withLock { $0.identity } == ["{\"cookie\":\"a\"}\n"])
        }
    }

    @Test("Logging out takes an access token, a refresh token, or both; with neither it says what was wrong")
    func logOut() async throws {
        try await TestGateway.withClient { gateway, client in
            let caller = Caller.regular()
            let bearer = "Bearer \(try await gateway.token(for: caller))"
            let expired = "Bearer \(try await gateway.auth.token(for: .regular(), expiresAt: gateway.now))"
            func post(_ headers: HTTPFields, _ body: String = "") async throws -> (Int, String?) {
                var headers = headers
                if !body.isEmpty { headers[.contentType] = "application/json" }
                let response = try await client.execute(
                    uri: "/api/v1/auth/logout", method: .post, headers: headers, body: ByteBuffer(string: body))
                let isDone = response.status == .noContent
                #expect(response.headers[values: .setCookie].isEmpty == (response.status != .noContent))
                return (response.status.code, isDone ? nil : try code(response))
            }
            let token = #"{"refreshToken":"a"}"#
            #expect(try await post([:]) == (401, "unauthenticated"))
            #expect(try await post([.authorization: expired]) == (401, "token-expired"))
            #expect(try await post([.authorization: "Bearer x.y.z"]) == (401, "unauthenticated"))
            #expect(try await post([.cookie: "refreshToken=a", .origin: "https://evil.example"]) == (403, "forbidden"))
            #expect(gateway.auth.asked("auth.logout") == 0)
            #expect(try await post([.cookie: "refreshToken=a"]) == (204, nil))
            #expect(try await post([:], token) == (204, nil))
            #expect(try await post([.authorization: expired], token) == (204, nil))
            #expect(try await post([.authorization: bearer, .cookie: "refreshToken=a; refreshToken=b"]) == (204, nil))
            #expect(gateway.revocations.end(of: caller) == .revoked)
            #expect(
                gateway.auth.state.withLock { $0.identity }
                    == ["{\"cookie\":\"a\"}\n", "{}\n\(token)", "{}\n\(token)", "{}\n"])
            // Keys and revocations are not known: whose token it is cannot be told.
            gateway.auth.state.withLock { $0.isThere = false }
            gateway.memory.replaceStream()
            try await eventually("nothing is believed") { await gateway.failing == ["auth"] }
            #expect(try await post([.authorization: bearer], token) == (503, "service-unavailable"))
        }
    }
}
