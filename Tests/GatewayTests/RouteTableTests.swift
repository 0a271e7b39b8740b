import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Messaging
import NIOCore
import Primitives
import TestKit
import Testing

@testable import GatewayService

/// What every route has in common: methods, bodies, who is calling, and the form of what goes wrong.
@Suite(.bounded)
struct RouteTableTests {
    private static let room = "/api/v1/chat/rooms/0197f2b0-0000-7000-8000-000000000000"

    private func code(_ response: TestResponse) throws -> String? {
        try JSONParser.parse(Array(response.body.readableBytesView)).value["code"].string
    }

    private func bearer(_ token: String) -> HTTPFields { [.authorization: "Bearer \(token)"] }

    @Test("A token is good to the last second before it expires and refused as expired from then on")
    func expiry() async throws {
        try await TestGateway.withClient(["RATE_LIMIT_ENABLED": "false"]) { gateway, client in
            let token = try await gateway.auth.token(for: .regular(), expiresAt: gateway.now.advanced(bySeconds: 60))
            func get() async throws -> TestResponse {
                try await client.execute(uri: "/api/v1/chat/rooms", method: .get, headers: bearer(token))
            }
            // Nobody answers for rooms here: that the gateway asked is what counts.
            #expect(try code(try await get()) == "service-unavailable")
            gateway.pass(seconds: 58)
            #expect(try code(try await get()) == "service-unavailable")
            for _ in 0..<2 {
                gateway.pass(seconds: 2)
                let refused = try await get()
                #expect(refused.status == .unauthorized)
                #expect(try code(refused) == "token-expired")
                #expect(refused.headers[.wwwAuthenticate] == "Bearer")
            }
        }
    }

    @Test("A token that was never seen before it expired is refused the same way")
    func expiredBefore() async throws {
        try await TestGateway.withClient(["RATE_LIMIT_ENABLED": "false"]) { gateway, client in
            for age in [0, 1, 86_400] as [Int64] {
                let expiry = gateway.now.advanced(bySeconds: -age)
                let token = try await gateway.auth.token(for: .admin(), expiresAt: expiry)
                let refused = try await client.execute(
                    uri: "/api/v1/orders", method: .get, headers: bearer(token))
                #expect(refused.status == .unauthorized)
                #expect(try code(refused) == "token-expired")
            }
        }
    }

    @Test("Without a token, or with one of another session that has ended, nobody comes in")
    func unauthenticated() async throws {
        try await TestGateway.withClient(["RATE_LIMIT_ENABLED": "false"]) { gateway, client in
            let caller = Caller.regular()
            let token = try await gateway.token(for: caller)
            gateway.revocations.end(session: caller.sessionID)
            for headers in [[:], bearer(""), bearer("x.y.z"), [.authorization: "Basic abc"], bearer(token)] {
                let refused = try await client.execute(uri: "/api/v1/orders", method: .get, headers: headers)
                #expect(refused.status == .unauthorized)
                #expect(try code(refused) == "unauthenticated")
            }
        }
    }

    @Test("Every path answers 405 with its methods to each method that it does not have")
    func methods() async throws {
        try await TestGateway.withClient(["RATE_LIMIT_ENABLED": "false"]) { gateway, client in
            let table = Dictionary(grouping: gateway.service.routes.routes, by: \.path)
            #expect(table.count > 20)
            for (pattern, routes) in table {
                let path = pattern.replacing(#/\{[^}]*\}/#) { _ in Identifier.make().description }
                var has = Set(routes.map(\.method))
                if has.contains(.get) { has.insert(.head) }
                let allow = has.map(\.rawValue).sorted().joined(separator: ", ")
                let known: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
                let unknown = ["BREW", "PROPFIND"].compactMap { HTTPRequest.Method($0) }
                for method in known + unknown where !has.contains(method) {
                    let response = try await client.execute(uri: path, method: method)
                    #expect(response.status == .methodNotAllowed, "\(method) \(path)")
                    #expect(response.headers[.allow] == allow, "\(method) \(path)")
                }
            }
        }
    }

    @Test(
        "A body is JSON of at most its route's size, whatever it says of its length",
        arguments: [
            ("application/json", 64 * 1024, "service-unavailable"),
            ("application/json", 64 * 1024 + 1, "payload-too-large"),
            ("application/merge-patch+json", 10, "service-unavailable"), ("text/plain", 10, "unsupported-media-type"),
            (nil, 10, "unsupported-media-type"), (nil, 0, "service-unavailable"),
        ] as [(String?, Int, String)])
    func bodies(type: String?, size: Int, expected: String) async throws {
        try await TestGateway.withClient(["RATE_LIMIT_ENABLED": "false"]) { gateway, client in
            var headers = bearer(try await gateway.token(for: .regular()))
            if let type { headers[.contentType] = type }
            let response = try await client.execute(
                uri: "\(Self.room)/messages", method: .post, headers: headers,
                body: ByteBuffer(repeating: 0x20, count: size))
            #expect(try code(response) == expected)
        }
    }

    @Test("What is nowhere is not found, and every answer carries a request id and the common headers")
    func nowhere() async throws {
        try await TestGateway.withClient(["RATE_LIMIT_ENABLED": "false"]) { _, client in
            for path in ["/api", "/api/v1/orders/", "//api/v1/orders", "/api/v1//orders", "/api/v1/Orders"] {
                let response = try await client.execute(uri: path, method: .get, headers: [.requestID: "mine"])
                #expect(response.status == .notFound, "\(path)")
                #expect(response.headers[.contentType] == "application/problem+json")
                #expect(response.headers[.requestID] == "mine")
                #expect(response.headers[.contentSecurityPolicy] == SecurityHeaders.apiPolicy)
            }
        }
    }

    @Test("HEAD answers as GET does, without a body")
    func head() async throws {
        try await TestGateway.withClient(["RATE_LIMIT_ENABLED": "false"]) { _, client in
            let (get, head) = (
                try await client.execute(uri: "/health/live", method: .get),
                try await client.execute(uri: "/health/live", method: .head)
            )
            #expect(get.status == .ok && head.status == .ok)
            #expect(head.headers[.contentType] == get.headers[.contentType])
            #expect(head.body.readableBytes == 0)
        }
    }
}
