import Crypto
import Foundation
package import HTTPServer
package import HTTPTypes

/// The opening handshake as a server reads it (RFC 6455 §4.2).
package enum WebSocketHandshake {
    package static let version = "13"

    package enum Fault: Error, Sendable, Equatable {
        /// The request does not ask for a WebSocket.
        case notAsked
        /// It asks for a version that is not spoken here; the answer names the one that is (§4.4).
        case wrongVersion
        /// Not exactly one key of 16 bytes in base64.
        case badKey
        /// It asks in a way in which it cannot be done: with a body, or another method.
        case badRequest
    }

    /// The client's key, when the request is a complete handshake.
    package static func key(of head: RequestHead) -> Result<String, Fault> {
        guard head.asksUpgrade else { return .failure(.notAsked) }
        return key(of: head.request, hasBody: head.framing != .none)
    }

    /// As `key(of:)`, for a request whose `Connection` may not be known any more.
    package static func key(of request: HTTPRequest, hasBody: Bool = false) -> Result<String, Fault> {
        let fields = request.headerFields
        guard fields[values: .upgrade].contains(where: namesWebSocket) else { return .failure(.notAsked) }
        guard request.method == .get, !hasBody else { return .failure(.badRequest) }
        guard fields[values: .secWebSocketVersion] == [version] else { return .failure(.wrongVersion) }
        let keys = fields[values: .secWebSocketKey]
        guard keys.count == 1, let key = keys.first, key.utf8.count == 24, Data(base64Encoded: key)?.count == 16 else {
            return .failure(.badKey)
        }
        return .success(key)
    }

    private static func namesWebSocket(_ list: String) -> Bool {
        list.split(separator: ",").contains { $0.trimmingCharacters(in: .whitespaces).lowercased() == "websocket" }
    }

    /// The fields that accept the handshake (§4.2.2).
    package static func acceptance(of key: String) -> HTTPFields {
        let digest = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return [.upgrade: "websocket", .secWebSocketAccept: Data(digest).base64EncodedString()]
    }
}
