/// Rooms: joined while there is a connection, and joined again with the next.
extension ClientCore {
    /// Joins as soon as there is a connection.
    /// - Throws: why it was left.
    @discardableResult
    func enter(_ room: Room) throws(Problem) -> Membership {
        if let problem = room.end.problem { throw problem }
        if let known = memberships[ObjectIdentifier(room.end)] { return known }
        let membership = Membership(room)
        memberships[membership.key] = membership
        start()
        if isReady { join(membership) }
        return membership
    }

    /// Ends the room, its loops, and what waits to be sent.
    func leave(_ room: Room) {
        room.end.set(Problem(.roomLeft, "The room has been left."))
        if let membership = memberships[ObjectIdentifier(room.end)] { leave(membership) }
    }

    func leave(_ membership: Membership, _ problem: Problem? = nil) {
        guard memberships.removeValue(forKey: membership.key) != nil else { return }
        membership.end.set(problem ?? Problem(.roomLeft, "The room has been left."))
        membership.retry?.cancel()
        tell(membership, membership.progress.move(to: .ended, problem))
        for reader in membership.readers { reader.finish(throwing: problem) }
        membership.sender?.finish()
        if isReady, !memberships.values.contains(where: { $0.orderId == membership.orderId }) {
            ask("leaveRoom", ["orderId": membership.orderId], as: Nothing.self) { _ in }
        }
    }

    /// Leaves the rooms that nobody has any more.
    func leaveForgotten() { for each in memberships.values where each.room == nil { leave(each) } }

    /// What happens in the room from now on.
    func read(_ room: Room) throws(Problem) -> AsyncThrowingStream<RoomEvent, any Error> {
        let (stream, reader) = AsyncThrowingStream.makeStream(
            of: RoomEvent.self, bufferingPolicy: .bufferingOldest(EventLimit.unread))
        let membership = try enter(room)
        _ = EventLimit.put(.state(membership.progress.state, nil), to: reader)
        membership.readers.append(reader)
        return stream
    }

    func progress(_ room: Room) -> Progress? { memberships[ObjectIdentifier(room.end)]?.progress }

    func join(_ membership: Membership) {
        membership.retry?.cancel()
        tell(membership, membership.progress.move(to: .connecting))
        let last = membership.progress.lastSeq
        let fields = JoinFields(orderId: membership.orderId, after: last, limit: last == nil ? membership.limit : 100)
        ask("joinRoom", fields, as: JoinedRoom.self) { result in
            guard membership.progress.state != .ended else { return }
            switch result {
            case .success(let answer):
                self.tell(membership, membership.progress.joined(answer))
                membership.sender?.finish()
            case .failure(let problem) where problem.code == .offline: break
            case .failure(let problem) where problem.isOfSession: self.reconnect(problem)
            case .failure(let problem) where problem.isPassing: self.joinLater(membership, problem)
            case .failure(let problem): self.leave(membership, problem)
            }
        }
    }

    private func joinLater(_ membership: Membership, _ problem: Problem) {
        let (key, number) = (membership.key, connection)
        membership.retry?.cancel()
        membership.retry = Task { [weak self] in
            guard (try? await Task.sleep(for: problem.retryAfter ?? BackOff.wait(2))) != nil else { return }
            await self?.joinNow(key, over: number)
        }
    }

    private func joinNow(_ key: ObjectIdentifier, over number: Int) {
        guard connection == number, let membership = memberships[key] else { return }
        join(membership)
    }

    // MARK: Sending

    /// Sends one message; the caller sees to it that those of one room come one after another.
    /// - Throws: why it was refused; `CancellationError` when it was cancelled before it was on its way, or while nobody
    ///   can say whether it arrived.
    func send(_ content: String, _ clientMessageId: String, in room: Room) async throws -> Message {
        let fields = MessageFields(orderId: room.orderId, content: content, clientMessageId: clientMessageId)
        var attempt = 0
        while true {
            try await untilJoined(room)
            do {
                return try await ask("sendMessage", fields, as: Message.self)
            } catch let problem as Problem {
                // When nobody was reached it is sent behind the next join; its id keeps it from being stored twice.
                if problem.code == .offline { continue }
                if problem.isOfSession {
                    reconnect(problem)
                } else if problem.isPassing {
                    try await Task.sleep(for: problem.retryAfter ?? BackOff.wait(attempt))
                    attempt += 1
                } else {
                    throw problem
                }
            }
        }
    }

    /// Waits until messages may be sent.
    private func untilJoined(_ room: Room) async throws {
        while true {
            try Task.checkCancellation()
            let membership = try enter(room)
            if membership.progress.isJoined && channel != nil { return }
            let (opened, open) = AsyncStream.makeStream(of: Never.self)
            membership.sender = open
            for await _ in opened {}
        }
    }

    /// Says that one types, if anybody can hear it.
    func type(_ isTyping: Bool, in room: Room) {
        guard isReady, memberships[ObjectIdentifier(room.end)] != nil else { return }
        ask("typing", TypingFields(orderId: room.orderId, isTyping: isTyping), as: Nothing.self) { _ in }
    }

    // MARK: What comes

    func take(_ message: Message) {
        for membership in memberships.values where membership.orderId == message.orderId {
            switch membership.progress.take(message) {
            case .told(let events): tell(membership, events)
            case .known: break
            // The gateway promises that none is missing; should one be, it is asked for.
            case .gap: join(membership)
            }
        }
    }

    func closed(_ notice: RoomClosedNotice) {
        for membership in memberships.values where membership.orderId == notice.orderId {
            tell(membership, membership.progress.closed(notice))
        }
    }

    func tell(_ orderId: String, _ event: RoomEvent) {
        for membership in memberships.values where membership.orderId == orderId { tell(membership, [event]) }
    }

    func tell(_ membership: Membership, _ events: [RoomEvent]) {
        for event in events { membership.readers.removeAll { !EventLimit.put(event, to: $0) } }
    }
}

private struct JoinFields: Encodable {
    var orderId: String
    var after: Int?
    var limit: Int?
}

private struct MessageFields: Encodable {
    var orderId: String
    var content: String
    var clientMessageId: String
}

private struct TypingFields: Encodable {
    var orderId: String
    var isTyping: Bool
}
