import Contracts
import Messaging
import NIOWebSocket
import Primitives
import ServiceKit
import SocketServer

/// Carries out what sockets ask for, the same for both doors.
struct SocketCommands: Sendable {
    let hub: SocketHub
    let bus: MessageBus
    let authenticator: Authenticator
    let security: SecurityLog

    /// Works on one message of a socket; those of a socket come one after another.
    func handle(_ message: SocketMessage, from socket: LiveSocket) async {
        if let session = socket.socketIO {
            return await session.received(message, for: SocketIOClient(socket: socket, commands: self))
        }
        // Nothing of this interface is binary, and the connection has refused it.
        guard case .text(let frame) = message else { return socket.close(.unacceptableData) }
        do throws(FrameFault) {
            await handle(try PlainFrame.parse(frame), from: socket)
        } catch {
            refuse(error, PlainFrame.acknowledgementID(in: frame), socket)
        }
    }

    /// Says what is wrong with something that is no event.
    func refuse(_ fault: FrameFault, _ ackID: Int?, _ socket: LiveSocket) {
        let error: ServiceError
        switch fault {
        case _ where socket.isOverBudget: error = .tooFast
        case .malformed(let reason): error = ServiceError(.malformedJSON, "The frame cannot be read: \(reason).")
        case .invalid(let field, let code, let message): error = .validation(field, code, message)
        }
        socket.reply(to: ackID, .failure(problem(error, "frame", socket)))
        // Before it has signed in, a plain socket has one frame to say who it is.
        if socket.door == .webSocket, socket.caller == nil { socket.close(.signIn) }
    }

    func problem(_ error: ServiceError, _ instance: String, _ socket: LiveSocket) -> Problem {
        Problem(error: error, requestID: socket.requestID, instance: instance)
    }

    /// Carries out one event and answers it.
    func handle(_ event: ClientEvent, from socket: LiveSocket) async {
        do {
            guard !socket.isOverBudget else { throw ServiceError.tooFast }
            if event.known == .authenticate { return try await authenticate(event, socket) }
            guard let verified = socket.verified else {
                throw ServiceError(.unauthenticated, "Send authenticate first.")
            }
            // The session as it is now, at every event. While its end may have been missed nobody knows.
            guard authenticator.isReady() else { throw ServiceError.unavailable }
            guard verified.expiresAt > authenticator.now() else { return hub.end(socket, .expired) }
            try authenticator.revocations.require(verified.caller)
            let context = CallContext(
                caller: verified.caller, requestID: socket.requestID, client: socket.client)
            try await carryOut(event, socket, context)
        } catch let error as ServiceError {
            noteRefusal(error, event.known?.rawValue ?? "unknown", socket, hasToken: event.known == .authenticate)
            socket.reply(to: event.ackID, .failure(problem(error, event.name, socket)))
            if socket.door == .webSocket, socket.caller == nil { socket.close(.signIn) }
        } catch {
            socket.reply(to: event.ackID, .failure(problem(.internal, event.name, socket)))
        }
    }

    /// Tells the security log of what a socket was refused, if it concerns that.
    /// - Parameter hasToken: whether a token came with the event; a socket that is signed in has presented one.
    func noteRefusal(_ error: ServiceError, _ name: String, _ socket: LiveSocket, hasToken: Bool) {
        let context = CallContext(caller: socket.caller, requestID: socket.requestID, client: socket.client)
        security.refused(
            error, context, operation: "socket \(name)", hasToken: hasToken || context.caller != nil)
    }

    private func carryOut(_ event: ClientEvent, _ socket: LiveSocket, _ context: CallContext) async throws {
        switch event.known {
        case .joinRoom: try await join(event, socket, context)
        case .leaveRoom:
            var input = try input(event, allowingBareID: true)
            let orderID = try Self.orderID(&input)
            try input.finish()
            await hub.rooms.leave(socket, orderID)
            socket.reply(to: event.ackID, .success(Self.nothing))
        case .sendMessage:
            let (orderID, body) = try split(event)
            let answer = try await bus.relay(Chat.Send(orderID: orderID, body: body), context: context)
            socket.reply(to: event.ackID, .success(answer.body))
        case .closeRoom:
            let (orderID, body) = try split(event)
            let answer = try await bus.relay(Chat.Close(orderID: orderID, body: body), context: context)
            socket.reply(to: event.ackID, .success(answer.body))
        case .markRead:
            let (orderID, body) = try split(event)
            _ = try await bus.relay(Chat.MarkRead(orderID: orderID, body: body), context: context)
            socket.reply(to: event.ackID, .success(Self.nothing))
        case .typing:
            var input = try input(event)
            let orderID = try Self.orderID(&input)
            let isTyping = input.boolean(TypingFields.fields.isTyping)
            try input.finish()
            try await hub.rooms.type(socket, orderID, isTyping: isTyping, context: context)
            socket.reply(to: event.ackID, .success(Self.nothing))
        // Done before the session was looked at.
        case .authenticate: break
        case nil: throw ServiceError(.notFound, "There is no such event.")
        }
    }

    static let nothing = Array("{}".utf8)

    // MARK: Reading data

    private func input(_ event: ClientEvent, allowingBareID: Bool = false) throws(ServiceError) -> InputReader {
        if allowingBareID, case .string(let id) = event.data {
            return try InputReader(.object([JSONMember(RoomFields.order.name, .string(id))]), defects: event.defects)
        }
        // No data is an object without fields: what is missing is then named.
        return try InputReader(event.data.isNull ? .object([]) : event.data, defects: event.defects)
    }

    static func orderID(_ input: inout InputReader) throws(ServiceError) -> Identifier {
        let field = RoomFields.order
        guard let value = input.value(field) else { throw .validation(field.name, "required", "is required") }
        guard case .string(let text) = value else { throw .validation(field.name, "type", "must be a string") }
        guard let id = Identifier(text) else { throw ServiceError(.invalidID, "The \(field.name) is not a UUID.") }
        return id
    }

    /// The room's id, and the rest of the data for the service that owns it.
    private func split(_ event: ClientEvent) throws(ServiceError) -> (Identifier, [UInt8]) {
        var input = try input(event)
        let orderID = try Self.orderID(&input)
        // What was refused about the text is known only here, so it is refused here.
        try input.requireNoFaults()
        return (orderID, JSONWriter.encode(input.remainder(of: event.data)))
    }

    private func join(_ event: ClientEvent, _ socket: LiveSocket, _ context: CallContext) async throws {
        var input = try input(event, allowingBareID: true)
        let orderID = try Self.orderID(&input)
        let after = input.optionalInteger(JoinFields.fields.after)
        let limit = input.optionalInteger(JoinFields.fields.limit)
        try input.finish()
        let rooms = socket.rooms
        guard rooms.count < LiveSocket.roomLimit || rooms.contains(orderID) else {
            throw ServiceError(.tooManyRooms, "A socket may be joined to at most \(LiveSocket.roomLimit) rooms.")
        }
        let ackID = event.ackID
        try await hub.rooms.join(socket, Chat.Join(orderID: orderID, after: after, limit: limit), context: context) {
            joined, _ in
            if ackID == nil {
                socket.send(ServerEvent(.joinedRoom, data: joined))
            } else {
                socket.reply(to: ackID, .success(joined))
            }
        }
    }
}

extension ServiceError {
    /// What a socket asks for while its budget is used up.
    static let tooFast = ServiceError(.rateLimited, "The socket sends faster than it may: wait a moment.")
}
