/// The one socket of a client: opened while it is wanted, opened again when it is lost.
extension ClientCore {
    /// After so much silence the connection is asked whether it lives, and after so much more it is dropped.
    static let silence: Duration = .seconds(30)
    static let patience: Duration = .seconds(10)

    func start() {
        guard !isWanted else { return }
        isWanted = true
        life.begin { [weak self] in await self?.run() }
    }

    /// Ends the connection, and every loop.
    func close() {
        stop()
        for listener in listeners { listener.finish() }
        listeners = []
    }

    /// Ends the connection and every room.
    func stop(_ problem: Problem? = nil) {
        isWanted = false
        life.end()
        sleeper?.cancel()
        for membership in memberships.values { leave(membership, problem) }
        disconnect(Problem(.offline, "The client was closed."))
    }

    /// Comes back at once when it waits, and looks whether the connection lives when there is one.
    func wake() {
        failures = 0
        pauseAsked = nil
        sleeper?.cancel()
        if isReady { probe() }
    }

    private func run() async {
        while isWanted, !Task.isCancelled {
            pauseAsked = nil
            let code: Int?
            do { code = try await connect() } catch let problem as Problem {
                doubt(problem)
                // Without a session there is nothing to come back to.
                if !problem.isPassing, access == nil { return stop(problem) }
                pauseAsked = problem.retryAfter
                code = nil
            } catch {
                // The token store's, or a cancellation, which is looked at below.
                code = nil
            }
            guard isWanted, !Task.isCancelled else { return }
            if code == 4401 { access?.renewAt = .now }
            // A gateway that restarts has said so: the next one is there.
            let isRestart = code == 1012 && failures == 0
            let wait = isRestart ? Duration.milliseconds(Int.random(in: 0..<500)) : BackOff.wait(failures)
            failures += 1
            await sleep((pauseAsked ?? .zero) + wait)
        }
    }

    /// A wait that `wake` and `stop` end.
    private func sleep(_ wait: Duration) async {
        let sleeper = Task<Void, Never> { try? await Task.sleep(for: wait) }
        self.sleeper = sleeper
        await withTaskCancellationHandler {
            await sleeper.value
        } onCancel: {
            sleeper.cancel()
        }
        self.sleeper = nil
    }

    /// Opens the socket, signs in, and reads until it is gone.
    /// - Returns: the code with which it was closed.
    private func connect() async throws -> Int? {
        let token = try await token()
        let channel = try await SocketChannel.open(origin, tls: tls, patience: Self.patience)
        guard isWanted else {
            channel.close()
            return nil
        }
        connection += 1
        let number = connection
        self.channel = channel
        lastHeard = .now
        ask("authenticate", ["token": token], as: SocketIdentity.self) { result in
            switch result {
            case .success: self.ready()
            case .failure(let problem): self.reconnect(problem)
            }
        }
        let code = await withTaskGroup(of: Void.self) { group in
            group.addTask { [weak self] in
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(1))
                    await self?.tick(number)
                }
            }
            let code = await channel.read { [weak self] in await self?.received($0, over: number) }
            group.cancelAll()
            return code
        }
        if connection == number { disconnect(Problem(.offline, "The connection was lost.")) }
        return code
    }

    private func ready() {
        isReady = true
        for membership in memberships.values { join(membership) }
    }

    /// This connection will not do: another is opened by and by.
    func reconnect(_ problem: Problem) {
        doubt(problem)
        pauseAsked = problem.retryAfter
        disconnect(problem)
    }

    /// What has been asked of the connection that is gone is not answered any more.
    func disconnect(_ problem: Problem) {
        channel?.close()
        channel = nil
        isReady = false
        connection += 1
        for membership in memberships.values { tell(membership, membership.progress.move(to: .offline)) }
        let unanswered = questions.values
        questions = [:]
        for question in unanswered { question.answered(.failure(problem)) }
    }

    /// Another token: the socket is to live as long as it.
    func authenticateAgain() {
        guard isReady, let access else { return }
        ask("authenticate", ["token": access.token], as: SocketIdentity.self) { _ in }
    }

    private func tick(_ number: Int) {
        guard connection == number else { return }
        leaveForgotten()
        let now = ContinuousClock.now
        if questions.values.contains(where: { $0.deadline < now }) {
            return disconnect(Problem(.offline, "The server has not answered."))
        }
        if let access, access.renewAt <= now, nextRenewal <= now, isReady {
            nextRenewal = now + Self.patience
            beginRenewal()
        }
        if now - lastHeard > Self.silence { probe() }
    }

    /// Asks for an answer that costs nothing: that of leaving a room in which nobody is.
    private func probe() {
        guard questions.isEmpty else { return }
        ask("leaveRoom", ["orderId": "00000000-0000-0000-0000-000000000000"], as: Nothing.self) { _ in }
    }

    // MARK: Asking

    /// Asks, and has the answer worked on as part of taking it: what comes behind it is taken after that.
    func ask<Answer: Decodable>(
        _ event: String, _ data: some Encodable, as type: Answer.Type,
        _ answered: @escaping (Result<Answer, Problem>) -> Void
    ) {
        guard let channel else { return answered(.failure(Problem(.offline, "There is no connection."))) }
        lastQuestion += 1
        let frame: [UInt8]
        do throws(Problem) {
            frame = try WireCoding.encode(FrameOut(id: lastQuestion, event: event, data: data))
        } catch {
            return answered(.failure(error))
        }
        questions[lastQuestion] = Question(event: event, deadline: .now + Self.patience) { result in
            answered(
                result.flatMap { frame in
                    do throws(Problem) {
                        return .success(try WireCoding.decode(FrameBody<Answer>.self, frame).data)
                    } catch {
                        return .failure(error)
                    }
                })
        }
        channel.send(frame)
    }

    /// The same for whoever can wait.
    func ask<Answer: Decodable & Sendable>(
        _ event: String, _ data: some Encodable, as type: Answer.Type
    ) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            ask(event, data, as: type) { result in continuation.resume(with: result) }
        }
    }

    // MARK: What comes

    private func received(_ frame: [UInt8], over number: Int) async {
        guard connection == number else { return }
        lastHeard = .now
        // What cannot be read is from a newer server, and not for us.
        guard let head = try? WireCoding.decode(FrameHead.self, frame) else { return }
        if let ack = head.ack {
            guard let question = questions.removeValue(forKey: ack) else { return }
            if let problem = head.error { return question.answered(.failure(problem)) }
            // A connection that comes no further than to sign in is no better than none.
            if question.event != "authenticate" { failures = 0 }
            return question.answered(.success(frame))
        }
        guard let event = head.event else { return }
        if let reason = happened(event, frame) { await end(reason) }
    }

    /// - Returns: why the session is over, if it is and cannot be renewed.
    private func happened(_ event: String, _ frame: [UInt8]) -> SessionEndReason? {
        func data<Content: Decodable>(_ type: Content.Type) -> Content? {
            try? WireCoding.decode(FrameBody<Content>.self, frame).data
        }
        switch event {
        case "newMessage":
            if let message = data(Message.self) { take(message) }
        case "roomClosed":
            if let notice = data(RoomClosedNotice.self) { closed(notice) }
        case "messagesRead":
            if let notice = data(MessagesRead.self) { tell(notice.orderId, .read(notice)) }
        case "typing":
            if let notice = data(TypingNotice.self) { tell(notice.orderId, .typing(notice)) }
        case "presence":
            if let notice = data(PresenceNotice.self) { tell(notice.orderId, .presence(notice)) }
        case "orderStatusChanged":
            guard let notice = data(OrderStatusNotice.self) else { break }
            tell(notice.orderId, .status(notice))
            tell(.orderStatusChanged(notice))
        case "orderCreated":
            if let order = data(Order.self) { tell(.orderCreated(order)) }
        case "orderUpdated":
            if let order = data(Order.self) { tell(.orderUpdated(order)) }
        case "error":
            refused(frame)
        case "sessionEnded":
            // The refresh token is good still when only the access token is not.
            let reason = data(SessionEndNotice.self)?.reason
            return reason == .expired || reason == .roleChanged ? nil : reason
        default: break
        }
        return nil
    }

    /// Something that nobody asked for was refused: a room that one may not be in any more.
    private func refused(_ frame: [UInt8]) {
        guard let order = try? WireCoding.decode(FrameBody<RoomOfProblem>.self, frame).data.orderId,
            let problem = try? WireCoding.decode(FrameBody<Problem>.self, frame).data
        else { return }
        for membership in memberships.values where membership.orderId == order { leave(membership, problem) }
    }
}

/// Whom a socket is for, and until when.
private struct SocketIdentity: Decodable {
    var sessionId: String
}

private struct SessionEndNotice: Decodable {
    var reason: SessionEndReason
}

private struct RoomOfProblem: Decodable {
    var orderId: String
}
