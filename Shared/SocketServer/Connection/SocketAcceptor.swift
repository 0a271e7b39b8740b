package import NIOCore
import NIOWebSocket
import Synchronization

/// Where sockets begin, and where they are found.
package final class SocketAcceptor: Sendable {
    /// Makes the server's side of a new socket; called on its event loop, before anything is read.
    package typealias Welcome = @Sendable (SocketConnection) -> any SocketPeer

    package let settings: SocketSettings
    package let loops: SocketLoops
    /// What the names of sessions begin with: letters and digits that no other process has.
    private let name: String
    private let state = Mutex(State())

    private struct State {
        var sockets: [Int: SocketConnection] = [:]
        /// Those that began by polling.
        var sessions: [String: SocketConnection] = [:]
    }

    package init(_ settings: SocketSettings, loops: SocketLoops, name: String) {
        self.settings = settings
        self.loops = loops
        self.name = name
    }

    /// Every open socket.
    package var sockets: [SocketConnection] { state.withLock { Array($0.sockets.values) } }

    package var count: Int { state.withLock { $0.sockets.count } }

    /// The session of that name that began by polling, also when it is a WebSocket by now.
    func session(_ id: String) -> SocketConnection? { state.withLock { $0.sessions[id] } }

    func forget(_ socket: SocketConnection) {
        state.withLock { state in
            state.sockets[socket.id] = nil
            state.sessions[socket.sessionID] = nil
        }
    }

    // MARK: WebSockets

    /// Makes a socket of a channel that has become a WebSocket. On the channel's event loop.
    /// - Throws: when the loop is none of ours, or the channel is closed.
    package func open(_ door: SocketConnection.Door, on channel: any Channel, _ welcome: Welcome) throws {
        guard let loop = loops[channel.eventLoop] else { throw ChannelError.operationUnsupported }
        try open(door, on: channel, loop, welcome)
    }

    func open(_ door: SocketConnection.Door, on channel: any Channel, _ loop: SocketLoop, _ welcome: Welcome) throws {
        let socket = SocketConnection(door, loop, sessionID: makeSessionID(), acceptor: self)
        let transport = WebSocketTransport(channel, loop)
        try channel.pipeline.syncOperations.addHandler(WebSocketHandler(socket, transport))
        state.withLock { $0.sockets[socket.id] = socket }
        if door == .engineIO { socket.send(EngineIOPacket.handshake(of: socket, upgrades: [])) }
        socket.begin(.webSocket(transport), welcome(socket))
    }

    /// Gives a polling session a WebSocket that it may change to (Engine.IO's upgrade). On the channel's event loop.
    ///
    /// A WebSocket for a session that is gone, or has one already, is closed.
    /// - Throws: when the loop is none of ours, or the channel is closed.
    package func openUpgrade(of sessionID: String, on channel: any Channel) throws {
        guard let loop = loops[channel.eventLoop] else { throw ChannelError.operationUnsupported }
        let transport = WebSocketTransport(channel, loop)
        guard let socket = session(sessionID) else { return transport.close(.normalClosure) }
        try channel.pipeline.syncOperations.addHandler(WebSocketHandler(probing: socket, transport))
        let begin = { @Sendable in
            guard case .polling(let polling) = socket.transport, polling.beginProbe(transport) else {
                return transport.loop.eventLoop.execute { transport.close(.normalClosure) }
            }
        }
        // At once where that is possible: the channel may end in this turn of its loop, and a probe that begins after
        // its end would stand in the way of every other.
        if socket.loop === loop { begin() } else { socket.loop.eventLoop.execute(begin) }
    }

    // MARK: Polling

    /// Whether a session of that name is here, or was begun by this process and is no more.
    package func isOwn(_ sessionID: String) -> Bool { sessionID.hasPrefix(name + ".") }

    /// Whether a session that began by polling is here.
    package func has(_ sessionID: String) -> Bool { session(sessionID) != nil }

    /// Which process a session was begun by.
    /// - Returns: `nil` for what is no session's name.
    package static func name(in sessionID: String) -> String? {
        let parts = sessionID.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 2, sessionID.utf8.count <= 64, parts[1].count == 22, parts[1].allSatisfy(letters.contains)
        else { return nil }
        let name = String(decoding: parts[0], as: UTF8.self)
        let isName = !name.isEmpty && name.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) }
        return isName ? name : nil
    }

    /// Begins a session that polls, on the event loop of the connection that asks for it.
    /// - Returns: the answer to that request.
    package func openPolling(on eventLoop: any EventLoop, _ welcome: @escaping Welcome) async -> EngineIOAnswer {
        guard let loop = loops[eventLoop] else { return .refused(.badRequest) }
        let opened = loop.eventLoop.submit { [self] in
            let socket = SocketConnection(.engineIO, loop, sessionID: makeSessionID(), acceptor: self)
            state.withLock { state in
                state.sockets[socket.id] = socket
                state.sessions[socket.sessionID] = socket
            }
            socket.begin(.polling(PollingTransport(of: socket)), welcome(socket))
            return EngineIOAnswer.payload(EngineIOPacket.handshake(of: socket, upgrades: ["websocket"]).payload)
        }
        return (try? await opened.get()) ?? .refused(.badRequest)
    }

    /// Waits for what a session has to say, as long as the session lives.
    /// - Parameter tag: by which this request is told from the one before it, if the client gives one.
    package func poll(_ sessionID: String, tag: String?) -> EventLoopFuture<EngineIOAnswer> {
        asked(sessionID) { $0.poll($1, patience: nil, tag: tag) }.map { $0 ?? .refused(.unknownSession) }
    }

    /// The same for at most so long; `nil` when the session has said nothing by then.
    package func poll(_ sessionID: String, tag: String?, patience: TimeAmount) async -> EngineIOAnswer? {
        await Self.result(asked(sessionID) { $0.poll($1, patience: patience, tag: tag) })
    }

    /// Takes what a client of a session sends. Answered when all of it has been taken.
    package func post(_ sessionID: String, _ body: [UInt8]) async -> EngineIOAnswer {
        await Self.result(asked(sessionID) { $0.post(body, $1) }) ?? .refused(.badRequest)
    }

    /// The client has gone that waits for what a session has to say: nobody else will ask for it.
    package func abandon(_ sessionID: String) {
        guard let socket = session(sessionID) else { return }
        socket.loop.eventLoop.execute { if case .polling(let polling) = socket.transport { polling.abandoned() } }
    }

    /// Asks the transport of a session, on its event loop; requests come to it in the order of the calls.
    func asked(
        _ sessionID: String, _ ask: @escaping @Sendable (PollingTransport, PollingTransport.Answer) -> Void
    ) -> EventLoopFuture<EngineIOAnswer?> {
        guard let socket = session(sessionID) else {
            return loops.all[0].eventLoop.makeSucceededFuture(.refused(.unknownSession))
        }
        let promise = socket.loop.eventLoop.makePromise(of: EngineIOAnswer?.self)
        socket.loop.eventLoop.execute {
            switch socket.transport {
            case .polling where socket.isSilent:
                socket.gone()
                promise.succeed(.refused(.unknownSession))
            case .polling(let polling): ask(polling, promise)
            // It has become a WebSocket.
            case .webSocket: promise.succeed(.refused(.badRequest))
            case .gone: promise.succeed(.refused(.unknownSession))
            }
        }
        return promise.futureResult
    }

    /// A future that fails only with its event loop.
    private static func result(_ answer: EventLoopFuture<EngineIOAnswer?>) async -> EngineIOAnswer? {
        do { return try await answer.get() } catch { return .refused(.unknownSession) }
    }

    /// Of which the random part of a session's name is made: six bits each.
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// 132 random bits: who knows the name of a session may read it.
    private func makeSessionID() -> String {
        var generator = SystemRandomNumberGenerator()
        let random = (0..<22).map { _ in Self.letters[Int(generator.next() & 63)] }
        return "\(name).\(String(decoding: random, as: UTF8.self))"
    }
}
