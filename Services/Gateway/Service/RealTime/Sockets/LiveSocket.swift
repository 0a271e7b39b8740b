import Contracts
import Messaging
import NIOCore
import NIOWebSocket
import Primitives
import SocketServer
import Synchronization

/// One open socket as the gateway sees it: who it belongs to, which rooms it is in, and what is said over it.
///
/// May be used from anywhere.
final class LiveSocket: SocketPeer {
    typealias Door = SocketConnection.Door

    /// Rooms that one socket may be in: each costs every gateway that has it a place to deliver to.
    static let roomLimit = 1000

    private struct State {
        var verified: VerifiedToken?
        /// The budget of strangers that it still counts in.
        var stranger: StrangerLimit.Place?
        var rooms: Set<Identifier> = []
        /// Messages over the socket's budget, one after another.
        var overrun = 0
    }

    let connection: SocketConnection
    /// The id under which what this socket does is logged.
    let requestID: String
    /// Where the client of its handshake is.
    let client: IPAddress?
    /// At the Socket.IO door.
    let socketIO: SocketIOSession?
    private let hub: SocketHub
    private let commands: SocketCommands
    private let state: Mutex<State>

    /// - Parameters:
    ///   - verified: whose it is by its handshake.
    ///   - stranger: what it counts in until it has signed in.
    init(
        _ connection: SocketConnection, verified: VerifiedToken?, requestID: String, client: IPAddress? = nil,
        hub: SocketHub, commands: SocketCommands, stranger: StrangerLimit.Place? = nil
    ) {
        self.connection = connection
        self.requestID = requestID
        self.client = client
        self.hub = hub
        self.commands = commands
        socketIO = connection.door == .engineIO ? SocketIOSession(connection) : nil
        state = Mutex(State(verified: verified, stranger: stranger))
    }

    var id: Int { connection.id }
    var door: Door { connection.door }
    var isClosed: Bool { connection.isClosed }

    // MARK: Whose it is

    var verified: VerifiedToken? { state.withLock { $0.verified } }
    var caller: Caller? { verified?.caller }
    /// Whether it is ready to be served: at the Socket.IO door the client has to connect.
    var isSignedIn: Bool { verified != nil && (socketIO?.isConnected ?? true) }

    /// Makes it its caller's; who may do that is `SocketHub`'s business.
    func belong(to verified: VerifiedToken) {
        let stranger = state.withLock { state in
            state.verified = verified
            defer { state.stranger = nil }
            return state.stranger
        }
        stranger?.leave()
    }

    // MARK: Rooms

    var rooms: Set<Identifier> { state.withLock { $0.rooms } }

    /// Notes that it is in a room, before a look at whether it is closed; whoever closes it looks at its rooms after:
    /// so each room that it is in is found.
    /// - Returns: false when it is closed: then it is in none.
    func enter(_ orderID: Identifier) -> Bool {
        state.withLock { _ = $0.rooms.insert(orderID) }
        guard connection.isClosed else { return true }
        exit(orderID)
        return false
    }

    func exit(_ orderID: Identifier) { state.withLock { _ = $0.rooms.remove(orderID) } }

    // MARK: Writing

    func send(_ event: ServerEvent) { connection.send(event.encoded.frame(at: door)) }

    /// Answers an event: its acknowledgement, or the event `error` for a failure that nobody waits for.
    func reply(to ackID: Int?, _ result: Result<[UInt8], Problem>) {
        switch (ackID, result) {
        case (let id?, .success(let data)):
            send(
                door == .webSocket
                    ? PlainFrame.acknowledgement(id, data: data) : SocketIOFrame.acknowledgement(id, data: data))
        case (let id?, .failure(let problem)):
            let bytes = JSONWriter.encode(problem)
            send(
                door == .webSocket
                    ? PlainFrame.refusal(id, problem: bytes) : SocketIOFrame.refusal(id, problem: bytes))
        case (nil, .success): break
        case (nil, .failure(let problem)): send(ServerEvent(.error, problem))
        }
    }

    private func send(_ text: ByteBuffer) { connection.send(.text(text)) }

    // MARK: Closing

    /// Closes behind what has been sent.
    func close(_ code: SocketCloseCode) { connection.close(code) }

    /// Closes at a moment of its own within `time` after `delay`, so that those who come again do not come all at once.
    func close(_ code: SocketCloseCode, after delay: Duration = .zero, within time: Duration) {
        connection.close(code, after: .milliseconds(delay.milliseconds), within: .milliseconds(time.milliseconds))
    }

    /// Tells a client of Socket.IO that it need not come again by itself, and closes.
    func dismiss(_ code: SocketCloseCode) {
        if door == .engineIO { send(SocketIOText.disconnected()) }
        close(code)
    }

    // MARK: What its connection tells

    func received(_ message: SocketMessage) async {
        let overrun = state.withLock { state in
            state.overrun = connection.spendMessage() ? 0 : state.overrun + 1
            return state.overrun
        }
        // Told once that it is too fast, it is not told again.
        guard overrun < 2 else { return dismiss(.policyViolation) }
        await commands.handle(message, from: self)
    }

    /// Whether the message in work is one too many.
    var isOverBudget: Bool { state.withLock { $0.overrun > 0 } }

    func isWelcome() -> Bool {
        if let verified, verified.expiresAt <= hub.now() { hub.end(self, .expired) }
        return isSignedIn
    }

    func overstayed() { close(.signIn) }

    func closed() {
        let stranger = state.withLock { state in
            defer { state.stranger = nil }
            return state.stranger
        }
        stranger?.leave()
        hub.closed(self)
    }
}

extension SocketCloseCode {
    /// 4401: nobody is signed in, or not any more.
    static let signIn = SocketCloseCode.unknown(4401)
}

extension Problem: Error {}
