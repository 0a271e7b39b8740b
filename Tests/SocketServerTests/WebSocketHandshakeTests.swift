import HTTPServer
import HTTPTypes
import NIOCore
import Testing

@testable import SocketServer

struct WebSocketHandshakeTests {
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    private func head(
        _ changes: [(String, String?)] = [], method: HTTPRequest.Method = .get, asksUpgrade: Bool = true
    ) -> RequestHead {
        var fields: [(String, String)] = [
            ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", Self.key),
        ]
        for (name, value) in changes {
            fields.removeAll { $0.0 == name }
            if let value {
                fields += value.split(separator: "|", omittingEmptySubsequences: false).map { (name, String($0)) }
            }
        }
        var request = HTTPRequest(method: method, scheme: "http", authority: "h", path: "/ws")
        for (name, value) in fields {
            if let name = HTTPField.Name(name) { request.headerFields.append(HTTPField(name: name, value: value)) }
        }
        var head = RequestHead(request: request)
        head.asksUpgrade = asksUpgrade
        return head
    }

    @Test("A complete handshake gives its key")
    func complete() {
        for upgrade in ["websocket", "WebSocket", "h2c, websocket", "h2c|WEBSOCKET"] {
            #expect(WebSocketHandshake.key(of: head([("Upgrade", upgrade)])) == .success(Self.key), "\(upgrade)")
        }
    }

    @Test("An incomplete one says what is missing")
    func incomplete() {
        let table: [([(String, String?)], WebSocketHandshake.Fault)] = [
            ([("Upgrade", nil)], .notAsked), ([("Upgrade", "h2c")], .notAsked),
            ([("Upgrade", "websockets")], .notAsked),
            ([("Sec-WebSocket-Version", nil)], .wrongVersion), ([("Sec-WebSocket-Version", "12")], .wrongVersion),
            ([("Sec-WebSocket-Version", "13, 8")], .wrongVersion), ([("Sec-WebSocket-Version", "8|13")], .wrongVersion),
            ([("Sec-WebSocket-Version", "013")], .wrongVersion), ([("Sec-WebSocket-Key", nil)], .badKey),
            ([("Sec-WebSocket-Key", "")], .badKey), ([("Sec-WebSocket-Key", "dGhlIHNhbXBsZQ==")], .badKey),
            ([("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZSE=")], .badKey),
            ([("Sec-WebSocket-Key", "????????????????????????")], .badKey),
            ([("Sec-WebSocket-Key", Self.key + "|" + Self.key)], .badKey),
            ([("Sec-WebSocket-Key", Self.key + "," + Self.key)], .badKey),
        ]
        for (changes, fault) in table {
            #expect(WebSocketHandshake.key(of: head(changes)) == .failure(fault), "\(changes)")
        }
        #expect(WebSocketHandshake.key(of: head(asksUpgrade: false)) == .failure(.notAsked))
        #expect(WebSocketHandshake.key(of: head(method: .post)) == .failure(.badRequest))
        var withBody = head()
        withBody.framing = .length(1)
        #expect(WebSocketHandshake.key(of: withBody) == .failure(.badRequest))
    }

    @Test("The acceptance is the one of RFC 6455's example")
    func acceptance() {
        #expect(WebSocketHandshake.acceptance(of: Self.key)[.secWebSocketAccept] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }
}
