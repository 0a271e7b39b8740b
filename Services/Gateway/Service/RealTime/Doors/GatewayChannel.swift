import HTTPServer
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Primitives
import SocketServer

/// The gateway's connections: HTTP/1.1, which any request may turn into a WebSocket.
///
/// A WebSocket lives in its channel handlers alone; no task waits for it, so that an idle one costs little.
struct GatewayChannel: Sendable {
    let doors: SocketDoors
    let edge: EdgeMiddleware

    var configuration: HTTPServerConfiguration {
        let isSecure = edge.scheme.hasTLS
        let refusals = RefusalAnswer(crossOrigin: edge.crossOrigin, hasTLS: isSecure)
        var configuration = HTTPServerConfiguration { refusals.make($0, $1) }
        configuration.scheme = isSecure ? "https" : "http"
        configuration.upgrade = { channel, head in
            // What is no complete handshake is answered by the route at the same path, which says why.
            guard SocketDoors.has(URI(head.request.path ?? "").path),
                case .success(let key) = WebSocketHandshake.key(of: head)
            else { return nil }
            return channel.eventLoop.makeFutureWithTask { try await doors.upgrade(head, key: key, on: channel) }
        }
        configuration.answer = { channel, head in answer(head, on: channel) }
        return configuration
    }

    /// Polls of this gateway's sessions wait without a task; everything else is the router's.
    private func answer(
        _ head: RequestHead, on channel: any Channel
    ) -> EventLoopFuture<(HTTPResponse, ByteBuffer)>? {
        let request = head.request
        guard let polled = doors.poll(request, on: channel) else { return nil }
        let start = ContinuousClock.now
        let requestID = ClientRequestID.acceptable(request.headerFields[.requestID]) ?? Identifier.make().description
        let isSecure = edge.scheme.isHTTPS(peer: channel.remoteAddress, headers: request.headerFields)
        return polled.map { answer in
            var response = HTTPResponse(
                status: answer.status,
                headerFields: [
                    .contentType: answer.contentType, .contentLength: String(answer.body.readableBytes),
                ])
            edge.complete(
                &response, to: request, requestID, isSecure: isSecure, route: SocketDoors.socketIOPath, since: start)
            return (response, answer.body)
        }
    }
}
