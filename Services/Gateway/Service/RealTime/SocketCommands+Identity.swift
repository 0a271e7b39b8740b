import Contracts
import Messaging
import NIOWebSocket
import Primitives

/// How sockets say who they are, and how Socket.IO's own packets are met.
extension SocketCommands {
    /// `authenticate`: the first time, or to renew; also with a token of another session of the same user.
    func authenticate(_ event: ClientEvent, _ socket: LiveSocket) async throws(ServiceError) {
        var input = try InputReader(event.data.isNull ? .object([]) : event.data, defects: event.defects)
        let token = input.secret("token", 1...8192)
        try input.finish()
        let verified = try await authenticator.verify(token)
        let places = try await hub.signIn(socket, verified)
        var writer = JSONWriter()
        writer.object {
            $0.name("user")
            $0.object {
                $0.field("id", verified.caller.userID)
                $0.field("name", verified.caller.name)
                $0.field("role", verified.caller.role)
            }
            $0.field("sessionId", verified.caller.sessionID)
            $0.field("expiresAt", verified.expiresAt)
        }
        socket.reply(to: event.ackID, .success(writer.bytes))
        await resume(socket, places, as: verified.caller)
    }

    private func resume(_ socket: LiveSocket, _ places: [Identifier: Int], as caller: Caller) async {
        guard !places.isEmpty else { return }
        await hub.rooms.resume(socket, places, context: CallContext(caller: caller, requestID: socket.requestID))
    }

    /// One Engine.IO packet that came in a WebSocket frame.
    func handleEngineIO(_ frame: [UInt8], from socket: LiveSocket) async throws(FrameFault) {
        switch EngineIOPacket(frame) {
        case .message(let payload): try await handleSocketIO(payload, from: socket)
        case .ping: socket.send(EngineIOPacket.pongText)
        case .close: socket.close(.normalClosure)
        case .pong, .noop, .upgrade, .open: break
        case nil: throw .malformed("unknown Engine.IO packet")
        }
    }

    private func handleSocketIO(_ payload: [UInt8], from socket: LiveSocket) async throws(FrameFault) {
        switch try SocketIOPacket.parse(payload) {
        case .connect(let namespace, let auth): await connect(socket, namespace, auth)
        case .disconnect: socket.close(.normalClosure)
        case .event(let namespace, let event):
            guard namespace == "/", socket.isConnected else {
                throw .malformed("the namespace is not connected")
            }
            await handle(event, from: socket)
        case .acknowledgement: break
        case .binary: socket.close(.unacceptableData)
        }
    }

    private func connect(_ socket: LiveSocket, _ namespace: String, _ auth: JSON) async {
        guard namespace == "/" else {
            return socket.send(SocketIOPacket.refused(namespace: namespace, message: "Invalid namespace", problem: nil))
        }
        do throws(ServiceError) {
            let verified: VerifiedToken
            if let token = auth["token"].string {
                verified = try await authenticator.verify(token)
            } else if let known = socket.verified {
                verified = known
            } else {
                throw .unauthenticated
            }
            let places = try await hub.signIn(socket, verified)
            socket.connect()
            socket.send(SocketIOPacket.connected(sessionID: socket.name))
            await resume(socket, places, as: verified.caller)
        } catch {
            let problem = JSONWriter.encode(problem(error, "connect", socket))
            socket.send(SocketIOPacket.refused(namespace: "/", message: error.detail, problem: problem))
        }
    }
}
