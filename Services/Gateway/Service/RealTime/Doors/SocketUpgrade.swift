import HTTPTypes
import Hummingbird
import HummingbirdCore
import Messaging
import NIOCore
import Primitives

/// Decides whether a request becomes a socket, and through which door.
struct SocketUpgrade: Sendable {
    let authenticator: Authenticator
    let origins: OriginPolicy

    /// What a request that may become a socket says.
    struct Handshake: Sendable {
        var door: LiveSocket.Door
        var verified: VerifiedToken?
        var requestID: String
    }

    static let plainPath = "/ws"
    static let socketIOPath = "/socket.io/"

    /// The door at a path; `nil` for every other path.
    static func door(at path: String) -> LiveSocket.Door? {
        switch path {
        case plainPath: .plain
        case socketIOPath: .socketIO
        default: nil
        }
    }

    /// - Throws: what the client is answered instead of the upgrade.
    func admit(_ uri: URI, _ headers: HTTPFields, host: String?) async throws(ServiceError) -> Handshake {
        guard let door = Self.door(at: uri.path) else { throw .notFound("socket") }
        guard origins.admitsSocket(origin: headers[.origin], host: host) else {
            throw ServiceError(.forbidden, "Sockets may not be opened from this site.")
        }
        if door == .socketIO {
            guard uri.queryParameters.get("EIO") == "4" else { throw .validation("EIO", "value", "must be 4") }
            guard uri.queryParameters.get("transport") == "websocket" else {
                throw .validation("transport", "value", "must be websocket")
            }
        }
        var handshake = Handshake(
            door: door, verified: nil,
            requestID: ClientRequestID.acceptable(headers[.requestID]) ?? Identifier.make().description)
        if let authorization = headers[.authorization] {
            guard let token = Authenticator.bearer(authorization) else { throw .unauthenticated }
            handshake.verified = try await authenticator.verify(token)
        }
        return handshake
    }

    /// The routes at which a request that does not become a socket ends: they say why.
    var routes: [Route] {
        [Self.plainPath, Self.socketIOPath].map { path in
            Route(.get, path, access: .anyone) { request in
                guard request.uri.path == path else { throw ServiceError.notFound("socket") }
                let handshake = WebSocketHandshake.key(of: request.head)
                if case .failure(let fault) = handshake, fault != .notAsked {
                    var response = Problem(
                        error: fault.error, requestID: request.context.requestID, instance: request.uri.path
                    ).response
                    response.headers[.secWebSocketVersion] = WebSocketHandshake.version
                    return response
                }
                _ = try await admit(request.uri, request.head.headerFields, host: request.head.authority)
                throw WebSocketHandshake.Fault.notAsked.error
            }
        }
    }
}
