import HTTPTypes
import Hummingbird
import HummingbirdCore
import Messaging
import NIOEmbedded
import Testing

@testable import GatewayService

/// What a client's request says is told apart by its code points: a sign with a combining mark behind it is still that
/// sign, and what only looks like one is none.
struct RequestTextTests {
    private func request(_ headers: [(String, String)] = [], path: String = "/api/v1/orders") -> GatewayRequest {
        var head = HTTPRequest(method: .get, scheme: "http", authority: "gateway", path: path)
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { head.headerFields.append(HTTPField(name: name, value: value)) }
        }
        return GatewayRequest(
            head: head, uri: URI(path), parameters: Parameters(), context: .background(), body: [], isSecure: false,
            channel: EmbeddedChannel())
    }

    @Test("A query is taken apart at its signs, whatever follows them")
    func query() {
        let table: [(String, [String: String])] = [
            ("/orders?q=\u{301}a&limit=5", ["q": "\u{301}a", "limit": "5"]),
            ("/orders?q=a&\u{301}b=c", ["q": "a", "\u{301}b": "c"]), ("/orders?q=a+\u{301}b", ["q": "a \u{301}b"]),
            ("/orders?q=%CC%81+%2B", ["q": "\u{301} +"]), ("/orders?q=a%zz+b", ["q": "a%zz b"]),
        ]
        for (path, values) in table {
            let read = request(path: path).query.values
            #expect(read.count == values.count, "\(path)")
            for (name, value) in values {
                #expect(read[name]?.unicodeScalars.elementsEqual(value.unicodeScalars) == true, "\(path)")
            }
        }
    }

    @Test("Two Idempotency-Keys in one request are refused")
    func twoKeys() {
        let error = #expect(throws: ServiceError.self) {
            try request([("Idempotency-Key", "a"), ("Idempotency-Key", "b")]).idempotencyKey()
        }
        #expect(error?.code == .validationFailed && error?.faults.map(\.field) == ["Idempotency-Key"])
    }

    @Test(
        "An Idempotency-Key with a sign outside visible ASCII is refused",
        arguments: ["\u{212A}", "a\u{301}", "\"\u{301}\"", "\"a\"b\"", "\"a\\\"b\""])
    func strangeKey(value: String) {
        let error = #expect(throws: ServiceError.self) { try request([("Idempotency-Key", value)]).idempotencyKey() }
        #expect(error?.code == .validationFailed)
    }

    @Test("Cookies are taken apart at their signs, and a Greek question mark is no semicolon")
    func cookie() {
        let table: [(String, String?)] = [
            ("x=\u{37E}refreshToken=a", nil), ("x=1;refreshToken=\u{301}a", "\u{301}a"),
            ("refreshToken=a;\u{301}=b", "a"),
        ]
        for (header, value) in table {
            let found = request([("Cookie", header)]).cookies("refreshToken").first
            #expect(found?.unicodeScalars.elementsEqual((value ?? "").unicodeScalars) ?? (value == nil), "\(header)")
        }
    }
}
