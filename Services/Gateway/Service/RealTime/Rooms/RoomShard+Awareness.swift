import Contracts
import Logging
import Messaging
import Primitives

/// Who is in a room and who types there, told to its sockets and to the other gateways.
///
/// `RoomPresence` and `RoomTyping` decide. Nothing of it is told to a socket before the answer to its join: only members
/// are told.
extension RoomShard {
    /// Rooms announced at one tick at most; with many of them, as when the link comes back, the others wait.
    private static let announcementLimit = 500
    /// How long answers to what was asked anew may take.
    private static let answerTime = Duration.seconds(10)

    var isInhabited: Bool { rooms.contains { !$0.value.members.isEmpty } }

    private var now: ContinuousClock.Instant { .now }

    // MARK: Coming and going

    /// A socket has joined, and its answer is written: it is told who is there and who types.
    func enter(_ socket: LiveSocket, as caller: Caller, _ room: inout RoomState, _ orderID: Identifier) {
        room.guests[socket.id] = nil
        room.presence.enter(Participant(caller), at: now)
        socket.send(RoomEvents.presence(of: room.presence.inform(socket.id), in: orderID))
        for user in room.typing.users where user.id != caller.userID {
            socket.send(RoomEvents.typing(TypingSignal(user: user, isTyping: true), in: orderID))
        }
        stirring.insert(orderID)
    }

    func depart(_ socket: LiveSocket, _ orderID: Identifier) {
        guard let user = socket.caller?.userID else { return }
        rooms[orderID]?.presence.exit(user, at: now)
        rooms[orderID]?.typing.stop(socket.id, of: user)
        stirring.insert(orderID)
    }

    /// See `RoomHub.rename`.
    func rename(_ socket: LiveSocket, _ orderID: Identifier) {
        guard rooms[orderID]?.members[socket.id] != nil, let caller = socket.caller else { return }
        rooms[orderID]?.presence.rename(Participant(caller), at: now)
        stirring.insert(orderID)
    }

    // MARK: Typing

    /// See `RoomHub.type`.
    func type(
        _ socket: LiveSocket, _ orderID: Identifier, isTyping: Bool, context: CallContext
    ) async throws(ServiceError) {
        guard let caller = context.caller else { throw .unauthenticated }
        let closed = ServiceError(.roomClosed, "The room is closed.")
        if !mayType(socket, caller, orderID) {
            let room = try await bus.call(Chat.GetRoom(orderID: orderID), context: context)
            // Who has stopped has nothing to hear of it.
            guard isTyping else { return }
            guard room.isOpen else { throw closed }
        }
        // From here to the end nothing is awaited.
        stirring.insert(orderID)
        guard isTyping else {
            rooms[orderID]?.typing.stop(socket.id, of: caller.userID)
            return
        }
        guard !socket.isClosed else { return }
        var room = rooms[orderID] ?? newRoom()
        guard !room.isClosed else { throw closed }
        if room.members[socket.id] == nil { room.guests[socket.id] = (socket, caller) }
        room.typing.type(socket.id, of: Participant(caller), at: now)
        rooms[orderID] = room
    }

    /// Whether the socket is in the room, or types there already as the same caller.
    private func mayType(_ socket: LiveSocket, _ caller: Caller, _ orderID: Identifier) -> Bool {
        guard let room = rooms[orderID] else { return false }
        if room.members[socket.id] != nil { return true }
        guard let guest = room.guests[socket.id], room.typing.isTyping(socket.id, of: caller.userID) else {
            return false
        }
        return guest.caller.sessionID == caller.sessionID && guest.caller.role == caller.role
    }

    /// Whoever has sent a message has typed it, and nobody types in a room that is closed.
    func endTyping(by signal: RoomSignal, _ room: inout RoomState) {
        if signal.kind == .closingMessage {
            room.isClosed = true
            room.typing.stopAll()
        } else if !room.typing.isQuiet, let message = try? Message(jsonBytes: signal.data) {
            room.typing.stop(message.sender.id)
        }
    }

    // MARK: Hearing

    /// A signal of another gateway about a room.
    func takeAwareness(_ signal: RoomSignal) {
        guard let gateway = signal.gateway else { return passOver(signal) }
        hear(gateway)
        guard var room = rooms[signal.orderID] else { return }
        let isTaken =
            if signal.kind == .presence {
                take(try? PresenceSignal(jsonBytes: signal.data), from: gateway, signal, &room)
            } else {
                take(try? TypingSignal(jsonBytes: signal.data), from: gateway, signal, &room)
            }
        guard isTaken else { return passOver(signal) }
        rooms[signal.orderID] = room
        stirring.insert(signal.orderID)
    }

    private func take(
        _ presence: PresenceSignal?, from gateway: GatewayID, _ signal: RoomSignal, _ room: inout RoomState
    ) -> Bool {
        guard let presence, room.presence.take(presence, from: gateway, number: signal.seq, at: now) else {
            return false
        }
        // At once: a socket may be about to be let in there.
        if presence.asks, let answer = room.presence.announcement(at: now) { publish(answer, about: signal.orderID) }
        return true
    }

    private func take(
        _ typing: TypingSignal?, from gateway: GatewayID, _ signal: RoomSignal, _ room: inout RoomState
    ) -> Bool {
        guard let typing else { return false }
        return room.typing.take(typing, from: gateway, number: signal.seq, at: now)
    }

    private func passOver(_ signal: RoomSignal) {
        passedOver.add()
        logger.debug(
            "signal of a gateway passed over",
            metadata: ["order.id": "\(signal.orderID)", "gateway": "\(signal.gateway.map { "\($0)" } ?? "none")"])
    }

    /// A signal of another gateway about itself.
    func receive(_ signal: GatewaySignal) {
        switch signal.kind {
        case .alive: hear(signal.gateway)
        case .left:
            peers.leave(signal.gateway)
            _ = forget(signal.gateway)
        }
    }

    private func hear(_ gateway: GatewayID) {
        if peers.hear(gateway, at: now) { announceAll() }
    }

    /// - Returns: whether anybody was in a room by it.
    private func forget(_ gateway: GatewayID) -> Bool {
        var hadUsers = false
        for orderID in Array(rooms.keys) {
            rooms[orderID]?.typing.forget(gateway)
            guard rooms[orderID]?.presence.forget(gateway, at: now) ?? false else { continue }
            stirring.insert(orderID)
            hadUsers = true
        }
        return hadUsers
    }

    // MARK: Telling

    /// All that is known of who is there may be old: every room is announced and asked for anew.
    func announceAll() {
        let end = now + Self.answerTime
        for orderID in Array(rooms.keys) {
            rooms[orderID]?.presence.doubt(until: end)
            stirring.insert(orderID)
        }
    }

    /// Gives up gateways that are silent, and looks through all rooms for what has become old.
    func sweep() {
        let now = now
        for gateway in peers.look(at: now, isConnected: bus.transport.isConnected) where forget(gateway) {
            peers.giveUp(gateway, at: now)
            logger.warning("a gateway is silent: its users are shown no more", metadata: ["gateway": "\(gateway)"])
        }
        for orderID in Array(rooms.keys) {
            rooms[orderID]?.presence.sweep(at: now)
            if !(rooms[orderID]?.presence.isQuiet ?? true) { stirring.insert(orderID) }
        }
    }

    /// Tells sockets and gateways what is due, for the rooms where something is to be told.
    func tickStirring() {
        let now = now
        let isConnected = bus.transport.isConnected
        if isConnected { sayFarewells() }
        var announcements = 0
        for orderID in stirring {
            guard var room = rooms[orderID] else {
                stirring.remove(orderID)
                continue
            }
            stopGuests(&room)
            let typing = room.typing.tick(at: now)
            let mayAnnounce = isConnected && announcements < Self.announcementLimit
            let announcement = mayAnnounce ? room.presence.announcement(at: now) : nil
            let presence = room.presence.telling(at: now, members: room.members.count)
            rooms[orderID] = room
            if let announcement {
                announcements += 1
                publish(announcement, about: orderID)
            }
            for signal in typing.signals { publish(.typing, signal, about: orderID) }
            for news in typing.news { tell(news, room, orderID) }
            if let presence { tell(presence.users, to: presence.audience, room, orderID) }
            if room.presence.isQuiet, room.typing.isQuiet { stirring.remove(orderID) }
            closeIfUnused(orderID)
        }
    }

    /// Guests that are gone type no more, and those who do not type are guests no more.
    private func stopGuests(_ room: inout RoomState) {
        for (id, guest) in room.guests {
            if guest.socket.isClosed { room.typing.stop(id, of: guest.caller.userID) }
            if !room.typing.isTyping(id, of: guest.caller.userID) { room.guests[id] = nil }
        }
    }

    private func tell(_ news: TypingSignal, _ room: RoomState, _ orderID: Identifier) {
        let event = RoomEvents.typing(news, in: orderID)
        for socket in room.members.values where socket.caller?.userID != news.user.id { socket.send(event) }
    }

    private func tell(
        _ users: [Participant], to audience: RoomPresence.Audience, _ room: RoomState, _ orderID: Identifier
    ) {
        let event = RoomEvents.presence(of: users, in: orderID)
        switch audience {
        case .all(let but): for socket in room.members.values where !but.contains(socket.id) { socket.send(event) }
        case .only(let members): for member in members { room.members[member]?.send(event) }
        }
    }

    /// Of rooms that were forgotten: nobody is there any more. One that somebody is about to join waits for that.
    private func sayFarewells() {
        for orderID in farewells.prefix(Self.announcementLimit) where rooms[orderID]?.joining ?? 0 == 0 {
            farewells.remove(orderID)
            // Who is there by now is announced.
            guard rooms[orderID]?.members.isEmpty ?? true else { continue }
            publish(PresenceSignal(users: []), about: orderID)
        }
    }

    func publish(_ signal: PresenceSignal, about orderID: Identifier) { publish(.presence, signal, about: orderID) }

    /// What is lost is told again, or is forgotten by those who were told before.
    private func publish(_ kind: RoomSignal.Kind, _ data: some JSONWritable, about orderID: Identifier) {
        lastSignal += 1
        let signal = RoomSignal(
            kind: kind, orderID: orderID, seq: lastSignal, gateway: gateway, data: JSONWriter.encode(data))
        try? bus.transport.publish(signal.subject, signal.envelope)
    }
}
