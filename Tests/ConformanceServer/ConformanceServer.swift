import ArgumentParser
import HTTPServer
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import SocketServer
import UnixSignals

/// Serves what public conformance suites of WebSocket, Engine.IO 4 and Socket.IO 5 expect of a server, with the
/// gateway's own protocol code.
@main
struct ConformanceServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conformance-server",
        abstract: "/ws-echo, /engine.io/ and /socket.io/ for conformance suites, on 127.0.0.1; /sockets counts.")

    @Option(help: "Where to listen.") var port: Int
    @Option(help: "Between two pings.") var pingIntervalMs: Int64 = 25_000
    @Option(help: "For the answer to a ping.") var pingTimeoutMs: Int64 = 20_000
    @Option(help: "For the first namespace of a Socket.IO client.") var connectTimeoutMs: Int64 = 45_000
    @Option(help: "Bytes of the largest message at /engine.io/ and /socket.io/.") var maxPayload = 1_000_000

    func run() async throws {
        var settings = SocketSettings()
        settings.pingInterval = .milliseconds(pingIntervalMs)
        settings.pingTimeout = .milliseconds(pingTimeoutMs)
        settings.connectTimeout = .milliseconds(connectTimeoutMs)
        settings.maximumPayload = maxPayload
        // Suites of WebSocket count frames, and expect none that nobody asked for.
        var echo = SocketSettings()
        echo.pingInterval = .hours(24)
        echo.maximumPayload = 16 * 1024 * 1024
        echo.unreadLimit = 4 * echo.maximumPayload
        echo.acceptsBinary = true
        let loops = SocketLoops(MultiThreadedEventLoopGroup.singleton)
        let doors = [
            "/ws-echo": Door(echo, loops) { WebSocketEcho(connection: $0) },
            "/engine.io/": Door(settings, loops) { EngineIOEcho(connection: $0) },
            "/socket.io/": Door(settings, loops) { SocketIOEcho(session: SocketIOSession($0)) },
        ]
        var logger = Logger(label: "conformance-server")
        logger.logLevel = .error
        let responder = DoorResponder(doors: doors)
        let listener = HTTPListener(
            responder, host: "127.0.0.1", port: port, configuration: Self.connections(doors),
            connections: ConnectionTable(limit: 10_000),
            executor: { loops[$0]?.executor ?? EventLoopExecutor($0) }, logger: logger
        ) { print("Ready at http://127.0.0.1:\($0)") }
        var services: [any Service] = [SocketWorker(loops)]
        services += doors.values.map { SocketSweeper($0.acceptor) }
        try await ServiceGroup(
            configuration: .init(
                services: (services + [listener]).map { .init(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        ).run()
    }

    private static func connections(_ doors: [String: Door]) -> HTTPServerConfiguration {
        var connections = HTTPServerConfiguration { _, _ in
            (HTTPResponse(status: .badRequest, headerFields: [.contentLength: "0"]), ByteBuffer())
        }
        connections.upgrade = { channel, head in
            let uri = URI(head.request.path ?? "")
            guard let door = doors[uri.path], case .success(let key) = WebSocketHandshake.key(of: head) else {
                return nil
            }
            return channel.eventLoop.makeCompletedFuture {
                let install = try door.upgrade(head.request, uri)
                return ProtocolUpgrade(
                    response: HTTPResponse(
                        status: .switchingProtocols, headerFields: WebSocketHandshake.acceptance(of: key)),
                    install: install)
            }
        }
        return connections
    }
}

/// One address of the server, and the application behind it.
struct Door: Sendable {
    let acceptor: SocketAcceptor
    private let welcome: SocketAcceptor.Welcome

    init(_ settings: SocketSettings, _ loops: SocketLoops, welcome: @escaping SocketAcceptor.Welcome) {
        acceptor = SocketAcceptor(settings, loops: loops, name: "conformance")
        self.welcome = welcome
    }

    /// What becomes of a WebSocket.
    /// - Throws: `EngineIOFault` when there is to be none.
    func upgrade(_ request: HTTPRequest, _ uri: URI) throws -> @Sendable (any Channel) throws -> Void {
        let (acceptor, welcome) = (acceptor, welcome)
        guard uri.path != "/ws-echo" else { return { try acceptor.open(.webSocket, on: $0, welcome) } }
        guard case .upgrade(let sessionID) = try asked(request, uri, isHandshake: true) else {
            return { try acceptor.open(.engineIO, on: $0, welcome) }
        }
        guard acceptor.has(sessionID) else { throw EngineIOFault.unknownSession }
        return { try acceptor.openUpgrade(of: sessionID, on: $0) }
    }

    func answer(_ request: Request, on channel: any Channel) async throws -> EngineIOAnswer {
        let isHandshake = WebSocketHandshake.key(of: request.head) != .failure(.notAsked)
        let asked: EngineIORequest
        do { asked = try self.asked(request.head, request.uri, isHandshake: isHandshake) } catch {
            return .refused(error)
        }
        switch asked {
        case .openPolling: return await acceptor.openPolling(on: channel.eventLoop, welcome)
        case .poll(let sessionID):
            HTTPConnection.whenClientLeaves(channel) { [acceptor] in acceptor.abandon(sessionID) }
            return try await acceptor.poll(sessionID, tag: EngineIORequest.tag { request.uri.queryParameters.get($0) })
                .get()
        case .post(let sessionID):
            do {
                let body = try await request.body.collect(upTo: acceptor.settings.maximumPayload)
                return await acceptor.post(sessionID, Array(body.readableBytesView))
            } catch is NIOTooManyBytesError {
                return EngineIOAnswer(status: .contentTooLarge, contentType: "text/plain", body: ByteBuffer())
            } catch let error as HTTPError {
                return EngineIOAnswer(status: error.status, contentType: "text/plain", body: ByteBuffer())
            }
        case .openWebSocket, .upgrade: return .refused(.badRequest)
        }
    }

    private func asked(
        _ request: HTTPRequest, _ uri: URI, isHandshake: Bool
    ) throws(EngineIOFault) -> EngineIORequest {
        let query = uri.queryParameters
        return try EngineIORequest(method: request.method, isHandshake: isHandshake) { query.get($0) }
    }
}

/// Answers the requests of polling clients.
struct DoorResponder: HTTPResponder {
    /// What the server knows about a request.
    struct Context: RequestContext {
        var coreContext: CoreRequestContextStorage
        let channel: any Channel

        init(source: ApplicationRequestContextSource) {
            coreContext = .init(source: source)
            channel = source.channel
        }
    }

    let doors: [String: Door]

    func respond(to request: Request, context: Context) async throws -> Response {
        if request.uri.path == "/sockets" { return counts }
        guard let door = doors[request.uri.path] else { return Response(status: .notFound) }
        let answer = try await door.answer(request, on: context.channel)
        return Response(
            status: answer.status, headers: [.contentType: answer.contentType],
            body: ResponseBody(byteBuffer: answer.body))
    }

    /// How many sockets are open at each address: tests see by it that nothing is left behind.
    private var counts: Response {
        let members = doors.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value.acceptor.count)" }
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: "{\(members.joined(separator: ","))}")))
    }
}
