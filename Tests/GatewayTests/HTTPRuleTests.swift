import HTTPTypes
import Hummingbird
import HummingbirdCore
import Messaging
import NIOCore
import NIOEmbedded
import Primitives
import Testing

@testable import GatewayService

struct HTTPRuleTests {
    private func request(
        _ headers: [(String, String)] = [], path: String = "/api/v1/orders", id: String? = nil
    ) -> GatewayRequest {
        var head = HTTPRequest(method: .get, scheme: "http", authority: "gateway", path: path)
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { head.headerFields.append(HTTPField(name: name, value: value)) }
        }
        var parameters = Parameters()
        if let id { parameters["id"] = id[...] }
        return GatewayRequest(
            head: head, uri: URI(path), parameters: parameters, context: .background(), body: [], isSecure: false,
            channel: EmbeddedChannel())
    }

    @Test(
        "A request id is kept when it is 1 to 128 visible ASCII characters",
        arguments: [
            (nil, false), ("", false), ("a", true), (String(repeating: "a", count: 128), true),
            (String(repeating: "a", count: 129), false), ("a b", false), ("~!", true), ("é", false), ("a\tb", false),
            ("a\u{7f}", false),
        ] as [(String?, Bool)])
    func requestID(value: String?, isKept: Bool) {
        #expect(ClientRequestID.acceptable(value) == (isKept ? value : nil))
    }

    @Test(
        "An Idempotency-Key is 1 to 255 characters, quoted or bare",
        arguments: [
            ("a", "a"), ("\"a\"", "a"), ("a b", "a b"),
            (String(repeating: "k", count: 255), String(repeating: "k", count: 255)),
            ("\"" + String(repeating: "k", count: 255) + "\"", String(repeating: "k", count: 255)),
            (String(repeating: "k", count: 256), nil), ("", nil), ("\"\"", nil), ("\"", nil), ("\"a", nil),
            ("a\"b", nil), ("a\"", nil), ("é", nil),
        ] as [(String, String?)])
    func idempotencyKey(value: String, key: String?) throws {
        let request = request([("Idempotency-Key", value)])
        if let key {
            #expect(try request.idempotencyKey() == key)
        } else {
            let error = #expect(throws: ServiceError.self) { try request.idempotencyKey() }
            #expect(error?.code == .validationFailed)
        }
    }

    @Test("Without an Idempotency-Key there is none")
    func noIdempotencyKey() throws {
        #expect(try request().idempotencyKey() == nil)
    }

    @Test(
        "If-None-Match holds the version when one of its tags is it, weak or strong, or the star",
        arguments: [
            ("\"3\"", true), ("W/\"3\"", true), ("*", true), ("\"1\", \"3\"", true), ("\"1\",W/\"3\"", true),
            ("3", false),
            ("\"33\"", false), ("", false), ("w/\"3\"", false),
        ])
    func ifNoneMatch(value: String, holds: Bool) {
        #expect(request([("If-None-Match", value)]).hasTag(#""3""#) == holds)
        #expect(!request().hasTag(#""3""#))
    }

    @Test("A cookie is found by its whole name, in one header or several")
    func cookie() {
        let table: [([(String, String)], [String])] = [
            ([("Cookie", "refreshToken=a")], ["a"]), ([("Cookie", "x=1; refreshToken=a=b ; y=2")], ["a=b"]),
            ([("Cookie", "xrefreshToken=1; refreshTokenx=2; __Secure-refreshToken=3")], []),
            ([("Cookie", "x=1"), ("Cookie", "refreshToken=a")], ["a"]),
            ([("Cookie", "refreshToken")], []), ([], []), ([("Cookie", "RefreshToken=a")], []),
            ([("Cookie", "refreshToken=; refreshToken=a; refreshToken=a")], ["a"]),
            ([("Cookie", "refreshToken=a"), ("Cookie", "refreshToken=b")], ["a", "b"]),
        ]
        for (headers, values) in table { #expect(request(headers).cookies("refreshToken") == values, "\(headers)") }
    }

    @Test("An id of the path is a UUID or refused as invalid-id")
    func id() throws {
        let id = Identifier.make()
        #expect(try request(id: "\(id)").id("id") == id)
        for bad in ["7", "", "\(id)x"] {
            let error = #expect(throws: ServiceError.self) { try request(id: bad).id("id") }
            #expect(error?.code == .invalidID)
        }
    }

    @Test("Of a repeated query parameter the first counts, percent-decoded")
    func query() {
        let query = request(path: "/orders?q=a%20b&q=c&limit=5&empty=").query
        #expect(query.values == ["q": "a b", "limit": "5", "empty": ""])
    }

    @Test(
        "A proxy is trusted by address or network",
        arguments: [
            ("10.0.0.0/8", "10.200.3.4", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false), ("192.168.1.128/25", "192.168.1.200", true),
            ("192.168.1.128/25", "192.168.1.127", false), ("0.0.0.0/0", "1.2.3.4", true), ("::1", "::1", true),
            ("fd00::/8", "fd12::5", true), ("fd00::/8", "fe80::1", false), ("0.0.0.0/0", "::1", false),
        ])
    func proxies(entry: String, peer: String, isTrusted: Bool) throws {
        let proxies = try #require(TrustedProxies([entry]))
        let address = try SocketAddress(ipAddress: peer, port: 5)
        let name = try #require(HTTPField.Name("X-Forwarded-Proto"))
        #expect(proxies.saysHTTPS(peer: address, headers: [name: "https"]) == isTrusted)
        #expect(proxies.saysHTTPS(peer: address, headers: [name: "HTTPS"]) == isTrusted)
        #expect(!proxies.saysHTTPS(peer: address, headers: [name: "http"]))
        #expect(!proxies.saysHTTPS(peer: address, headers: [:]))
        #expect(!proxies.saysHTTPS(peer: nil, headers: [name: "https"]))
    }

    @Test(
        "What is neither address nor network is no proxy",
        arguments: ["", "proxy", "10.0.0.0/33", "10.0.0", "::1/129", "10.0.0.0/x"])
    func badProxies(entry: String) {
        #expect(TrustedProxies([entry]) == nil)
    }
}

struct ProblemTests {
    /// Every code of the public interface, with its status.
    private static let table: [(String, Int)] = [
        ("malformed-json", 400), ("validation-failed", 400), ("invalid-id", 400), ("invalid-cursor", 400),
        ("unauthenticated", 401), ("token-expired", 401), ("invalid-credentials", 401), ("invalid-refresh-token", 401),
        ("forbidden", 403), ("account-disabled", 403), ("not-found", 404), ("method-not-allowed", 405),
        ("not-acceptable", 406), ("request-timeout", 408), ("too-many-rooms", 409),
        ("payload-too-large", 413), ("uri-too-long", 414), ("unsupported-media-type", 415),
        ("expectation-failed", 417), ("header-fields-too-large", 431), ("email-taken", 409), ("room-closed", 409),
        ("order-not-editable", 409), ("invalid-status-transition", 409), ("idempotency-in-progress", 409),
        ("forbidden-self-change", 409), ("version-mismatch", 412), ("idempotency-key-reused", 422),
        ("rate-limited", 429), ("second-factor-required", 401), ("too-many-attempts", 429), ("internal", 500),
        ("service-unavailable", 503), ("upstream-timeout", 504),
    ]

    @Test("Every code of the interface has its status, a title and an explanation", arguments: table)
    func catalog(code: String, status: Int) throws {
        let entry = try #require(ProblemCatalog.known(code))
        #expect(entry.status.code == status)
        #expect(!entry.title.isEmpty && !entry.explanation.isEmpty)
    }

    @Test("The catalogue describes nothing that the interface does not name")
    func noMore() {
        #expect(Set(ProblemCatalog.entries.map(\.code.rawValue)) == Set(Self.table.map(\.0)))
        #expect(ProblemCatalog.entries.count == Self.table.count)
    }

    @Test("A code of a newer service is told as a 500 under its own name")
    func unknown() {
        #expect(ProblemCatalog.entry(for: ErrorCode(rawValue: "new")).status == .internalServerError)
        #expect(ProblemCatalog.known("new") == nil)
    }

    @Test("A problem is written as RFC 9457 wants it, with errors only where there are some")
    func written() throws {
        let error = ServiceError(
            .validationFailed, "d", faults: [FieldFault("a", "type", "m")], extra: [JSONMember("from", .string("x"))])
        let json = try JSONParser.parse(JSONWriter.encode(Problem(error: error, requestID: "r", instance: "/i"))).value
        #expect(
            json.encoded
                == #"{"type":"/problems/validation-failed","title":"Validation failed","status":400,"detail":"d","instance":"/i","code":"validation-failed","requestId":"r","errors":[{"field":"a","code":"type","message":"m"}],"from":"x"}"#
        )
        let plain = Problem(error: .forbidden, requestID: "r", instance: "/i")
        #expect(try JSONParser.parse(JSONWriter.encode(plain)).value["errors"].isNull)
    }

    @Test("The response says when to try again, and how to sign in")
    func headers() {
        let wait = Problem(error: .unavailable, requestID: "r", instance: "/").response
        #expect(wait.status == .serviceUnavailable && wait.headers[.retryAfter] == "1")
        #expect(wait.headers[.contentType] == "application/problem+json")
        let who = Problem(error: .unauthenticated, requestID: "r", instance: "/").response
        #expect(who.headers[.wwwAuthenticate] == "Bearer")
    }
}
