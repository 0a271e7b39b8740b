import HTTPServer
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Primitives
import ServiceKit

/// The gateway's connections: HTTP/1.1, which any request may turn into a WebSocket.
///
/// A socket lives in its channel handlers alone; no task waits for it, so that an idle one costs little.
struct GatewayChannel: Sendable {
    let upgrade: SocketUpgrade
    let hub: SocketHub
    let isSecure: Bool

    func serving<Responder: HTTPResponder>(_ responder: Responder) -> HTTPChannel<Responder>
    where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
        var configuration = HTTPServerConfiguration { RefusalAnswer.make($0) }
        configuration.scheme = isSecure ? "https" : "http"
        configuration.upgrade = { channel, head in
            // What is no complete handshake is answered by the route at the same path, which says why.
            guard SocketUpgrade.door(at: URI(head.request.path ?? "").path) != nil,
                case .success(let key) = WebSocketHandshake.key(of: head)
            else { return nil }
            return channel.eventLoop.makeFutureWithTask { try await admit(head, key) }
        }
        let loops = hub.loops
        return HTTPChannel(responder, configuration: configuration) { eventLoop in
            loops[eventLoop]?.executor ?? EventLoopExecutor(eventLoop)
        }
    }

    private func admit(_ head: RequestHead, _ key: String) async throws -> ProtocolUpgrade {
        let request = head.request
        let handshake = try await upgrade.admit(
            URI(request.path ?? ""), request.headerFields, host: request.authority)
        var fields = WebSocketHandshake.acceptance(of: key)
        fields[.requestID] = handshake.requestID
        return ProtocolUpgrade(response: HTTPResponse(status: .switchingProtocols, headerFields: fields)) { channel in
            try install(handshake, on: channel)
        }
    }

    private func install(_ handshake: SocketUpgrade.Handshake, on channel: any Channel) throws {
        guard let loop = hub.loops[channel.eventLoop] else { throw ChannelError.operationUnsupported }
        let socket = LiveSocket(
            door: handshake.door, channel: channel, loop: loop, requestID: handshake.requestID,
            verified: handshake.verified)
        try channel.pipeline.syncOperations.addHandler(SocketHandler(socket: socket, hub: hub))
        hub.opened(socket)
        if socket.door == .socketIO {
            socket.send(EngineIOPacket.handshake(sessionID: socket.name, maximumPayload: SocketHandler.messageLimit))
        }
    }
}
