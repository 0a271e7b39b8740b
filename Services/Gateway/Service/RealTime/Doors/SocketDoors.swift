import HTTPServer
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Messaging
import NIOCore
import Primitives
import SocketServer

/// Where clients' sockets come in: a plain WebSocket, or Socket.IO by polling and by WebSocket.
struct SocketDoors: Sendable {
    static let plainPath = "/ws"
    static let socketIOPath = "/socket.io/"

    let acceptor: SocketAcceptor
    let hub: SocketHub
    let commands: SocketCommands
    let origins: OriginPolicy
    let proxies: TrustedProxies
    let scheme: ClientScheme
    let strangers: StrangerLimit
    let relay: SessionRelay
    /// `nil` where clients are not limited.
    let limiter: RateLimiter?

    /// What a request that may become a socket says.
    private struct Handshake: Sendable {
        var verified: VerifiedToken?
        var requestID: String
        var client: IPAddress?
        var stranger: StrangerLimit.Place?
    }

    /// Whether there is a door at a path.
    static func has(_ path: String) -> Bool { path == plainPath || path == socketIOPath }

    // MARK: Admission

    /// - Throws: `forbidden` for a page of a site that may not use the gateway.
    private func checkOrigin(_ request: HTTPRequest, from peer: SocketAddress?) throws(ServiceError) {
        let fields = request.headerFields
        let scheme = scheme.name(peer: peer, headers: fields)
        guard origins.admits(origin: fields[.origin], scheme: scheme, host: request.authority) else {
            throw ServiceError(.forbidden, "Sockets may not be opened from this site.")
        }
    }

    /// - Throws: what the client is answered instead of a socket.
    private func admit(_ request: HTTPRequest, from peer: SocketAddress?) async throws(ServiceError) -> Handshake {
        try checkOrigin(request, from: peer)
        // Refused now, clients try again by themselves; refused when they say who they are, those of Socket.IO do not.
        guard commands.authenticator.isReady() else { throw .unavailable }
        let fields = request.headerFields
        var handshake = Handshake(
            requestID: ClientRequestID.acceptable(fields[.requestID]) ?? Identifier.make().description,
            client: proxies.client(peer: peer, headers: fields))
        handshake.verified = try await verified(fields[.authorization], handshake.client)
        // At Socket.IO's door a token of the handshake does not yet connect.
        if handshake.verified == nil || request.path?.hasPrefix(Self.socketIOPath) ?? false {
            guard let place = strangers.enter(handshake.client) else {
                throw ServiceError(
                    .rateLimited, "Too many sockets of this address have not signed in.", retryAfter: 5)
            }
            handshake.stranger = place
        }
        return handshake
    }

    /// Who opens a socket, if the handshake says so; one more of theirs, or of the address.
    private func verified(
        _ authorization: String?, _ client: IPAddress?
    ) async throws(ServiceError) -> VerifiedToken? {
        guard let authorization else {
            try limiter?.take(.anonymous, from: client).require()
            return nil
        }
        let verified: VerifiedToken
        do throws(ServiceError) {
            guard let token = Authenticator.bearer(authorization) else { throw .unauthenticated }
            verified = try await commands.authenticator.verify(token)
        } catch {
            if error.code != .serviceUnavailable { try limiter?.take(.anonymous, from: client).require() }
            throw error
        }
        try limiter?.take(.read, of: verified.caller.userID).require()
        try hub.requirePlace(for: verified.caller.userID)
        return verified
    }

    private func welcome(_ handshake: Handshake) -> SocketAcceptor.Welcome {
        { connection in
            let socket = LiveSocket(
                connection, verified: handshake.verified, requestID: handshake.requestID, client: handshake.client,
                hub: hub, commands: commands, stranger: handshake.stranger)
            hub.opened(socket)
            return socket
        }
    }

    // MARK: WebSockets

    /// Decides about a complete handshake.
    /// - Throws: when it is refused; the route at the same path then says why.
    func upgrade(_ head: RequestHead, key: String, on channel: any Channel) async throws -> ProtocolUpgrade {
        let request = head.request
        let uri = URI(request.path ?? "")
        var fields = WebSocketHandshake.acceptance(of: key)
        let install: @Sendable (any Channel) throws -> Void
        if uri.path == Self.socketIOPath,
            case .upgrade(let sessionID) = try Self.engineIO(request, uri, isHandshake: true)
        {
            try checkOrigin(request, from: channel.remoteAddress)
            // A session of another gateway stays with it, and with polling.
            guard acceptor.has(sessionID) else { throw EngineIOFault.unknownSession }
            install = { try acceptor.openUpgrade(of: sessionID, on: $0) }
        } else {
            let handshake = try await admit(request, from: channel.remoteAddress)
            fields[.requestID] = handshake.requestID
            let door: SocketConnection.Door = uri.path == Self.plainPath ? .webSocket : .engineIO
            install = { channel in
                do { try acceptor.open(door, on: channel, welcome(handshake)) } catch {
                    handshake.stranger?.leave()
                    throw error
                }
            }
        }
        return ProtocolUpgrade(
            response: HTTPResponse(status: .switchingProtocols, headerFields: fields), install: install)
    }

    private static func engineIO(
        _ request: HTTPRequest, _ uri: URI, isHandshake: Bool
    ) throws(EngineIOFault) -> EngineIORequest {
        let query = uri.queryParameters
        return try EngineIORequest(method: request.method, isHandshake: isHandshake) {
            query.get($0)
        }
    }

    // MARK: Polls

    /// Waits for what a session of this gateway has to say. On the event loop of `channel`, whose connection asks.
    /// - Returns: `nil` for every other request, be it that it has to be refused.
    func poll(_ request: HTTPRequest, on channel: any Channel) -> EventLoopFuture<EngineIOAnswer>? {
        guard request.method == .get, let path = request.path, path.utf8.starts(with: Self.socketIOPath.utf8) else {
            return nil
        }
        let uri = URI(path)
        guard uri.path == Self.socketIOPath, (try? checkOrigin(request, from: channel.remoteAddress)) != nil,
            WebSocketHandshake.key(of: request) == .failure(.notAsked),
            case .poll(let sessionID)? = try? Self.engineIO(request, uri, isHandshake: false),
            acceptor.isOwn(sessionID)
        else { return nil }
        // The request is in work when this has returned.
        channel.eventLoop.execute { HTTPConnection.whenClientLeaves(channel) { acceptor.abandon(sessionID) } }
        return acceptor.poll(sessionID, tag: EngineIORequest.tag { uri.queryParameters.get($0) })
    }

    // MARK: Routes

    /// Where polling clients come in, and where a handshake ends that is refused.
    var routes: [Route] {
        [
            Route(.get, Self.plainPath, .webSocket, access: .anyone, budget: .none) { request in
                try await refusal(of: WebSocketHandshake.key(of: request.head), request)
            },
            Route(.get, Self.socketIOPath, .pollSocketIO, access: .anyone, budget: .none) { try await poll($0) },
            Route(
                .post, Self.socketIOPath, .postSocketIO, access: .anyone,
                body: .bytes(acceptor.settings.maximumPayload), budget: .none
            ) {
                try await poll($0)
            },
        ]
    }

    /// Says why a request has not become a WebSocket.
    private func refusal(
        of handshake: Result<String, WebSocketHandshake.Fault>, _ request: GatewayRequest
    ) async throws -> Response {
        guard Self.has(request.uri.path) else { throw ServiceError.notFound("socket") }
        if case .failure(let fault) = handshake, fault != .notAsked {
            var response = Problem(
                error: fault.error, requestID: request.context.requestID, instance: request.uri.path
            ).response
            response.headers[.secWebSocketVersion] = WebSocketHandshake.version
            return response
        }
        try await admit(request.head, from: request.channel.remoteAddress).stranger?.leave()
        throw WebSocketHandshake.Fault.notAsked.error
    }

    private func poll(_ request: GatewayRequest) async throws -> Response {
        guard request.uri.path == Self.socketIOPath else { throw ServiceError.notFound("socket") }
        try checkOrigin(request.head, from: request.channel.remoteAddress)
        let handshake = WebSocketHandshake.key(of: request.head)
        let isHandshake = handshake != .failure(.notAsked)
        let asked: EngineIORequest
        do { asked = try Self.engineIO(request.head, request.uri, isHandshake: isHandshake) } catch {
            return Self.response(.refused(error))
        }
        switch asked {
        case .openPolling:
            let handshake = try await admit(request.head, from: request.channel.remoteAddress)
            return Self.response(await acceptor.openPolling(on: request.channel.eventLoop, welcome(handshake)))
        case .poll(let sessionID): return try counted(try await poll(sessionID, request), request)
        case .post(let sessionID):
            guard !request.isBodyTooLong else {
                // Over the limit: what was said with it is lost, so the session is over.
                await relay.abandon(sessionID)
                throw ServiceError(
                    .payloadTooLarge, "A body may have at most \(acceptor.settings.maximumPayload) bytes.")
            }
            return try counted(try await relay.post(sessionID, request.body), request)
        case .openWebSocket: return try await refusal(of: handshake, request)
        case .upgrade(let sessionID):
            if case .failure = handshake { return try await refusal(of: handshake, request) }
            let isElsewhere = !acceptor.isOwn(sessionID)
            return Self.response(.refused(isElsewhere ? .badRequest : .unknownSession))
        }
    }

    /// What sessions send counts by the packet, and their polls are answered when there is something to say. Where there
    /// is no session, the address has asked.
    private func counted(_ answer: EngineIOAnswer, _ request: GatewayRequest) throws(ServiceError) -> Response {
        if answer.status == .badRequest { try limiter?.take(.anonymous, from: request.context.client).require() }
        return Self.response(answer)
    }

    private func poll(_ sessionID: String, _ request: GatewayRequest) async throws -> EngineIOAnswer {
        let relay = relay
        HTTPConnection.whenClientLeaves(request.channel) { relay.leave(sessionID) }
        return try await relay.poll(sessionID, tag: EngineIORequest.tag { request.uri.queryParameters.get($0) })
    }

    private static func response(_ answer: EngineIOAnswer) -> Response {
        Response(
            status: answer.status, headers: [.contentType: answer.contentType],
            body: ResponseBody(byteBuffer: answer.body))
    }
}

extension WebSocketHandshake.Fault {
    /// What the client is told.
    var error: ServiceError {
        switch self {
        case .notAsked: ServiceError(.validationFailed, "This address is for WebSockets: ask for the upgrade.")
        case .wrongVersion:
            .validation("Sec-WebSocket-Version", "value", "must be \(WebSocketHandshake.version)")
        case .badKey: .validation("Sec-WebSocket-Key", "format", "must be 16 bytes in base64, and stand once")
        case .badRequest: ServiceError(.validationFailed, "A handshake is a GET of HTTP/1.1 without a body.")
        }
    }
}
