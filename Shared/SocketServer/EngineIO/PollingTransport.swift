import NIOCore
import NIOWebSocket

/// A session's requests: a GET that waits for what the session has to say, and a POST that brings what the client has
/// sent; and its change to a WebSocket. Used on the session's event loop only.
final class PollingTransport {
    typealias Answer = EventLoopPromise<EngineIOAnswer?>

    /// How many bytes an answer may have; one packet may be larger.
    private static let answerLimit = 512 * 1024
    /// How many packets an answer may have: python-engineio takes one with more for an attack, and ends the session.
    private static let packetLimit = 16
    /// How long a client has to fetch what is left when the session is closed.
    private static let farewellTime = TimeAmount.seconds(5)
    /// How late the poll may come that belongs to a client's own close.
    private static let closingTime = TimeAmount.milliseconds(500)
    /// How long a poll waits that comes while a WebSocket is tried, when there is nothing to say: for the change, which
    /// may be on its way by another event loop, and behind which nobody polls.
    private static let changingTime = TimeAmount.milliseconds(50)

    private unowned let socket: SocketConnection
    /// Frames not fetched yet; `SocketLoop` bounds their bytes.
    private var waiting: [OutboundFrame] = []
    private(set) var unreadBytes = 0
    /// Whether something was written and not flushed yet.
    private var isUnflushed = false
    private var poll: (answer: Answer, tag: String?, timer: Scheduled<Void>?, isBesideProbe: Bool)?
    /// The last answer, and the poll that it was for: kept until the next poll shows that it has come.
    private var last: (tag: String, answer: EngineIOAnswer)?
    private var post: (payload: EngineIOPayload, answer: Answer)?
    /// The WebSocket that the session may change to, and whether the client has found that it works.
    private var probe: (transport: WebSocketTransport, isProven: Bool)?
    /// A change that waits for the end of a POST.
    private var change: (() -> Void)?
    /// What the client is told when it has fetched what is left of a session that is closed.
    private var farewell: EngineIOAnswer?
    /// Whether the client has closed the session, and whether its own poll has been let go.
    private var hasLeft = false
    private var hasLetGo = false
    private var hasEnded = false

    init(of socket: SocketConnection) { self.socket = socket }

    private var eventLoop: any EventLoop { socket.loop.eventLoop }

    // MARK: To the client

    /// - Returns: whether a flush is due that was not due before.
    func write(_ frame: OutboundFrame) -> Bool {
        guard !hasLeft else { return false }
        waiting.append(frame)
        unreadBytes += frame.payload.readableBytes
        defer { isUnflushed = true }
        return !isUnflushed
    }

    /// - Returns: the bytes that are left standing.
    func flush() -> Int? {
        isUnflushed = false
        if poll != nil, !waiting.isEmpty { answerPoll(.payload(takePayload())) }
        return waiting.isEmpty ? nil : unreadBytes
    }

    /// Waits for something to say. With a poll under way already the session ends, as nobody could tell which of the two
    /// is to have the answer.
    ///
    /// - Parameter tag: by which a request is told from the one before (the `t` of the query). HTTP may send a GET again
    ///   whose answer did not come, unseen by its client: it gets the same answer, or takes the place of the one that
    ///   waits for nobody any more.
    func poll(_ answer: Answer, patience: TimeAmount?, tag: String? = nil) {
        socket.heard()
        if hasLeft {
            answer.succeed(
                hasLetGo ? .refused(.unknownSession) : .payload(EngineIOPacket.noopFrame.payload))
            hasLetGo = true
            // What it had sent is worked on by then.
            return socket.isClosed ? socket.gone() : ()
        }
        if let tag {
            if let last, last.tag == tag { return answer.succeed(last.answer) }
            if poll?.tag == tag { answerPoll(.refused(.unknownSession)) }
        }
        last = nil
        guard poll == nil else {
            answerPoll(.payload(EngineIOPacket.closeFrame.payload))
            socket.gone()
            return answer.succeed(.refused(.badRequest))
        }
        poll = (answer, tag, nil, probe != nil)
        if !waiting.isEmpty {
            answerPoll(.payload(takePayload()))
        } else if let farewell {
            answerPoll(farewell)
            socket.gone()
        } else if probe?.isProven ?? false {
            letPollGo()
        } else if let patience {
            poll?.timer = eventLoop.assumeIsolated().scheduleTask(in: patience) {
                self.poll = nil
                answer.succeed(nil)
            }
        }
    }

    private func answerPoll(_ answer: EngineIOAnswer?) {
        guard let poll else { return }
        self.poll = nil
        poll.timer?.cancel()
        if let tag = poll.tag, let answer { last = (tag, answer) }
        poll.answer.succeed(answer)
    }

    private func takePayload() -> ByteBuffer {
        var body = ByteBuffer()
        var count = 0
        for frame in waiting.prefix(Self.packetLimit) {
            let length = frame.payload.readableBytes
            if count > 0, body.readableBytes + length > Self.answerLimit { break }
            EngineIOPayload.append(frame, to: &body)
            unreadBytes -= length
            count += 1
        }
        waiting.removeFirst(count)
        if waiting.isEmpty { waiting = [] }
        return body
    }

    // MARK: From the client

    /// Takes the packets of a body; answers when all have been taken. A second one beside it ends the session, as their
    /// order would be anybody's guess; so does a body that cannot be read.
    func post(_ body: [UInt8], _ answer: Answer) {
        guard !hasEnded else { return answer.succeed(.refused(.unknownSession)) }
        guard post == nil else {
            socket.gone()
            return answer.succeed(.refused(.badRequest))
        }
        do throws(EngineIOPayload.Malformed) {
            post = (try EngineIOPayload(body), answer)
        } catch {
            socket.gone()
            return answer.succeed(.refused(.badRequest))
        }
        feed()
    }

    /// Hands on what has been posted, as far as it is taken.
    func feed() {
        while !hasEnded, !socket.isPaused, let (remaining, answer) = post {
            var payload = remaining
            do throws(EngineIOPayload.Malformed) {
                guard let packet = try payload.next() else {
                    post = nil
                    answer.succeed(.taken)
                    change?()
                    return
                }
                post?.payload = payload
                try take(packet)
            } catch {
                post = nil
                answer.succeed(.refused(.badRequest))
                return socket.gone()
            }
        }
    }

    private func take(_ packet: EngineIOPacket) throws(EngineIOPayload.Malformed) {
        socket.heard()
        switch packet {
        case .message(let message): socket.take(message)
        case .ping(let data):
            guard socket.spendControl() else { return socket.closeNow(.policyViolation) }
            socket.send(EngineIOPacket.pongFrame(data))
        case .pong, .noop, .upgrade: if !socket.spendControl() { socket.closeNow(.policyViolation) }
        case .open: throw EngineIOPayload.Malformed()
        case .close:
            post?.answer.succeed(.taken)
            post = nil
            leftByClient()
        }
    }

    /// The client has closed the session, which ends when what it has sent before is worked on. Its own poll ends with
    /// nothing to say, be it that it is still on its way, by a connection of another event loop.
    private func leftByClient() {
        hasEnded = true
        hasLeft = true
        waiting = []
        unreadBytes = 0
        hasLetGo = poll != nil
        answerPoll(.payload(EngineIOPacket.noopFrame.payload))
        socket.finish(.normalClosure)
    }

    private func goneLater(_ delay: TimeAmount) {
        let socket = socket
        eventLoop.scheduleTask(in: delay) { if case .polling = socket.transport { socket.gone() } }
    }

    // MARK: To a WebSocket

    /// - Returns: false when the session has a WebSocket already, or is about to end.
    func beginProbe(_ transport: WebSocketTransport) -> Bool {
        guard probe == nil, farewell == nil, !hasLeft else { return false }
        probe = (transport, false)
        eventLoop.assumeIsolated().scheduleTask(in: socket.settings.upgradeTimeout) {
            if self.probe?.transport === transport { transport.channel.close(promise: nil) }
        }
        return true
    }

    /// The client has found that the WebSocket works, and asks for nothing more by polling.
    func probed(_ transport: WebSocketTransport) {
        guard probe?.transport === transport else { return }
        probe?.isProven = true
        letPollGo()
    }

    /// Ends the poll that waits, as the client waits for that with its change.
    private func letPollGo() {
        guard let poll else { return }
        guard poll.isBesideProbe else { return answerPoll(.payload(EngineIOPacket.noopFrame.payload)) }
        poll.timer?.cancel()
        self.poll?.timer = eventLoop.assumeIsolated().scheduleTask(in: Self.changingTime) {
            self.answerPoll(.payload(EngineIOPacket.noopFrame.payload))
        }
    }

    /// The channel is no more, and the session goes on as if it had never been.
    func probeEnded(_ transport: WebSocketTransport) {
        guard probe?.transport === transport else { return }
        probe = nil
        change = nil
    }

    /// Changes the session to the WebSocket, once what was posted before has been taken.
    /// - Parameter done: called when what the WebSocket brings may be taken.
    func change(to transport: WebSocketTransport, done: @escaping () -> Void) {
        // Of one that the client has closed it takes nothing more, be it by another way.
        guard probe?.transport === transport, probe?.isProven ?? false, farewell == nil, !hasLeft else {
            return transport.channel.close(promise: nil)
        }
        guard post == nil else {
            change = { [unowned self] in change(to: transport, done: done) }
            return
        }
        hasEnded = true
        change = nil
        // One that came beside the WebSocket comes behind the change, as far as its client knows.
        let isLate = poll?.isBesideProbe ?? false
        answerPoll(isLate ? .refused(.badRequest) : .payload(EngineIOPacket.noopFrame.payload))
        let frames = waiting
        waiting = []
        probe = nil
        socket.transport = .webSocket(transport)
        // Before whatever is said from now on.
        socket.loop.writeNow(frames, to: transport, of: socket)
        done()
    }

    // MARK: Ending

    /// The session is closed: the client is given what is left and then, with its next poll, told. Clients look at a
    /// close as they read it and hand messages on a moment later: what comes in one answer with it they lose.
    ///
    /// By a close packet some clients know that they need not come again. Those that are to come again find that there
    /// is no such session any more.
    func leave(_ code: SocketCloseCode) {
        if hasLeft { return hasLetGo ? socket.gone() : goneLater(Self.closingTime) }
        let farewell =
            code == .reconnect || code == .tooSlow
            ? EngineIOAnswer.refused(.unknownSession) : .payload(EngineIOPacket.closeFrame.payload)
        self.farewell = farewell
        post?.answer.succeed(.refused(.unknownSession))
        post = nil
        if poll != nil {
            guard !waiting.isEmpty else {
                answerPoll(farewell)
                return socket.gone()
            }
            answerPoll(.payload(takePayload()))
        }
        goneLater(Self.farewellTime)
    }

    /// A client has gone that waited: its session is over, also for a poll that came before that was known.
    func abandoned() {
        answerPoll(.refused(.unknownSession))
        socket.gone()
    }

    /// The session is no more: nobody waits for anything.
    func end() {
        hasEnded = true
        answerPoll(.payload(EngineIOPacket.closeFrame.payload))
        post?.answer.succeed(.refused(.unknownSession))
        post = nil
        waiting = []
        probe?.transport.channel.close(promise: nil)
        probe = nil
        change = nil
    }
}
