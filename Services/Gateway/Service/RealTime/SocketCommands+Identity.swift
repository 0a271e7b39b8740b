import Contracts
import Messaging
import NIOWebSocket
import Primitives
import SocketServer

/// How sockets say who they are, and how Socket.IO's own packets are met.
extension SocketCommands {
    /// `authenticate`: the first time, or to renew; also with a token of another session of the same user.
    func authenticate(_ event: ClientEvent, _ socket: LiveSocket) async throws(ServiceError) {
        var input = try InputReader(event.data.isNull ? .object([]) : event.data, defects: event.defects)
        let token = input.secret(AuthenticateFields.fields.token)
        try input.finish()
        let verified = try await authenticator.verify(token)
        let places = try await hub.signIn(socket, verified)
        let identity = SocketIdentity(
            user: Participant(verified.caller), sessionID: verified.caller.sessionID, expiresAt: verified.expiresAt)
        socket.reply(to: event.ackID, .success(JSONWriter.encode(identity)))
        await resume(socket, places, as: verified.caller)
    }

    private func resume(_ socket: LiveSocket, _ places: [Identifier: Int], as caller: Caller) async {
        guard !places.isEmpty else { return }
        await hub.rooms.resume(
            socket, places, context: CallContext(caller: caller, requestID: socket.requestID, client: socket.client))
    }

    /// What a client of Socket.IO says who it is by: its token, or that of its handshake.
    func connect(_ socket: LiveSocket, _ auth: JSON) async -> SocketIOSession.Decision {
        do throws(ServiceError) {
            guard !socket.isOverBudget else { throw .tooFast }
            let verified: VerifiedToken
            if let token = auth["token"].string {
                verified = try await authenticator.verify(token)
            } else if let known = socket.verified {
                verified = known
            } else {
                throw .unauthenticated
            }
            let places = try await hub.signIn(socket, verified)
            return .accepted { await resume(socket, places, as: verified.caller) }
        } catch {
            noteRefusal(error, "connect", socket, hasToken: auth["token"].string != nil)
            return .refused(
                message: error.detail, data: JSONWriter.encode(problem(error, "connect", socket)))
        }
    }
}

/// The client of one socket at the Socket.IO door.
struct SocketIOClient: SocketIOApplication {
    let socket: LiveSocket
    let commands: SocketCommands

    func connect(to namespace: String, auth: JSON) async -> SocketIOSession.Decision {
        namespace == "/" ? await commands.connect(socket, auth) : .unknown
    }

    func received(_ event: SocketIOEvent) async { await commands.handle(ClientEvent(event), from: socket) }

    func received(_ fault: SocketIOFault) {
        switch fault {
        case .malformed(let reason): commands.refuse(.malformed(reason), nil, socket)
        case .tooLarge: socket.dismiss(.messageTooLarge)
        }
    }
}
