package import Hummingbird
import HummingbirdCore
package import Logging
package import NIOCore
import NIOExtras
package import NIOPosix
import NIOSSL
import Primitives
import ServiceLifecycle
import Synchronization

/// An address where clients come in over HTTP/1.1, their requests answered by a router's responder.
///
/// Accepting does not wait for anything but the event loop: a server that is busy to its limit still takes everybody in
/// and can refuse them.
package struct HTTPListener<Responder: HTTPResponder>: Service
where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
    /// Bytes that are read from a connection before others have their turn.
    private static var readAtOnce: Int { 16 * 1024 }

    private let responder: Responder
    private let host: String
    private let port: Int
    private let group: MultiThreadedEventLoopGroup
    private let configuration: HTTPServerConfiguration
    private let connections: ConnectionTable
    private let tls: TLSIdentity?
    private let executor: @Sendable (any EventLoop) -> any TaskExecutor
    private let logger: Logger
    private var listening: @Sendable (_ port: Int) -> Void

    /// - Parameters:
    ///   - responder: asked for every request that can be handed on; what it throws is answered with a bare 500.
    ///   - port: 0 for any that is free.
    ///   - connections: how many there may be.
    ///   - tls: `nil` for connections in the clear.
    ///   - executor: where the requests of a connection of this event loop are worked on.
    ///   - listening: called once connections are taken.
    package init(
        _ responder: Responder, host: String, port: Int, group: MultiThreadedEventLoopGroup = .singleton,
        configuration: HTTPServerConfiguration, connections: ConnectionTable, tls: TLSIdentity? = nil,
        executor: @escaping @Sendable (any EventLoop) -> any TaskExecutor = { EventLoopExecutor($0) },
        logger: Logger, listening: @escaping @Sendable (_ port: Int) -> Void = { _ in }
    ) {
        self.responder = responder
        self.host = host
        self.port = port
        self.group = group
        self.configuration = configuration
        self.connections = connections
        self.tls = tls
        self.executor = executor
        self.logger = logger
        self.listening = listening
    }

    /// The same, with somebody to be told of the port once connections are taken.
    package func telling(_ listening: @escaping @Sendable (_ port: Int) -> Void) -> HTTPListener {
        var other = self
        other.listening = listening
        return other
    }

    /// Serves until told to stop, and then until every connection has ended: those without a request at once, others
    /// when theirs is answered.
    /// - Throws: when the address cannot be had.
    package func run() async throws {
        let quiescing = ServerQuiescingHelper(group: group)
        let server = try await bootstrap(quiescing).bind(host: host, port: port).get()
        let ended = server.eventLoop.makePromise(of: Void.self)
        let actual = server.localAddress?.port ?? port
        logger.info("listening", metadata: ["host": "\(host)", "port": "\(actual)"])
        listening(actual)
        let isStopping = Atomic(false)
        let stop: @Sendable () -> Void = {
            if !isStopping.exchange(true, ordering: .relaxed) { quiescing.initiateShutdown(promise: ended) }
        }
        server.closeFuture.whenComplete { _ in stop() }
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                try? await ended.futureResult.get()
            } onGracefulShutdown: {
                stop()
            }
        } onCancel: {
            stop()
        }
    }

    private func bootstrap(_ quiescing: ServerQuiescingHelper) -> ServerBootstrap {
        ServerBootstrap(group: group)
            // Many come at once when a server has been restarted; the system's own bound is 4096 as well.
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: AcceptPace.atOnce)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        AcceptPace(group: group, connections: connections),
                        quiescing.makeServerChannelHandler(channel: channel),
                    ])
                }
            }
            // A client may have said all it has to say and still read its answers.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // What a client sends before its turn is kept: at most one read of it.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 2048, maximum: Self.readAtOnce)
            )
            .childChannelInitializer { channel in channel.eventLoop.makeCompletedFuture { try setUp(channel) } }
    }

    private func setUp(_ channel: any Channel) throws {
        let executor = executor(channel.eventLoop)
        let connection = HTTPConnection(configuration: configuration, connections: connections) {
            request, connection in
            answer(request, connection, on: channel, executor)
        }
        let bound = NIOLoopBound(connection, eventLoop: channel.eventLoop)
        let admission = connections.enter(channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }) {
            channel.eventLoop.execute { bound.value.giveWay() }
        }
        let connections = connections
        switch admission {
        case .admitted(let place):
            connection.place = place
            channel.closeFuture.whenComplete { _ in
                connections.leave(place)
                // The place knows the connection, to have it give way: each would keep the other.
                bound.value.place = nil
            }
        case .refused(let refusal):
            connection.refusal = refusal
            channel.closeFuture.whenComplete { _ in connections.leaveRefused() }
            // A hand-shake is more than a refusal is worth.
            if tls != nil { throw ChannelError.inappropriateOperationForState }
        case .turnedAway: throw ChannelError.inappropriateOperationForState
        }
        if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls.context))
        }
        try channel.pipeline.syncOperations.addHandler(connection)
    }

    /// Each request has a task of its own, which keeps the memory of its deepest call until it ends: a connection that is
    /// idle for long has none.
    private func answer(
        _ request: Request, _ connection: HTTPConnection, on channel: any Channel, _ executor: any TaskExecutor
    ) {
        let connection = NIOLoopBound(connection, eventLoop: channel.eventLoop)
        Task(executorPreference: executor) {
            await connection.value.write(await respond(to: request, channel), on: channel)
        }
    }

    private func respond(to request: Request, _ channel: any Channel) async -> Response {
        do {
            let context = Responder.Context(source: ApplicationRequestContextSource(channel: channel, logger: logger))
            return try await responder.respond(to: request, context: context)
        } catch {
            // What a responder does not answer itself it must not be asked for again.
            logger.error("request failed unexpectedly", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            return Response(status: .internalServerError)
        }
    }
}

/// Keeps a flood of connections from the rest of what the event loops have to do.
///
/// As long as there is a place for everybody, connections are taken as fast as they come: whoever comes to a busy server
/// must not wait until it has time. As long as some of the last second were too many, only a few are taken at once; then
/// each event loop has its turn, which sets up what it was given, and the taking rests for three times as long as all that
/// took. Who waits to be taken stays in the system's queue. It rests as well when the system has no more descriptors or
/// memory for connections: the socket stays readable, and asking again at once would be of no use.
private final class AcceptPace: ChannelInboundHandler {
    typealias InboundIn = any Channel

    /// Connections that are taken at once.
    static let atOnce: UInt = 64
    private static let atOnceInFlood: UInt = 8
    private static let pause = TimeAmount.milliseconds(100)

    private let group: any EventLoopGroup
    private let connections: ConnectionTable
    private var began: NIODeadline?
    private var excess = 0
    /// Until when it is one.
    private var floodEnd = NIODeadline.uptimeNanoseconds(0)
    private var isFlood = false

    init(group: any EventLoopGroup, connections: ConnectionTable) {
        self.group = group
        self.connections = connections
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        began = began ?? .now()
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        let (channel, now, excess) = (context.channel, NIODeadline.now(), connections.excessCount)
        let began = began ?? now
        self.began = nil
        // One that is given a place makes room for several.
        if excess > self.excess { floodEnd = now + .seconds(1) }
        self.excess = excess
        if (now < floodEnd) != isFlood {
            isFlood.toggle()
            _ = channel.setOption(.maxMessagesPerRead, value: isFlood ? Self.atOnceInFlood : Self.atOnce)
        }
        if isFlood {
            _ = channel.setOption(.autoRead, value: false)
            EventLoopFuture.andAllComplete(group.makeIterator().map { $0.submit {} }, on: context.eventLoop)
                .whenComplete { _ in Self.rest(channel, for: (.now() - began) * 3) }
        }
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode) else {
            return context.fireErrorCaught(error)
        }
        let channel = context.channel
        _ = channel.setOption(.autoRead, value: false)
        Self.rest(channel, for: Self.pause)
    }

    private static func rest(_ channel: any Channel, for time: TimeAmount) {
        channel.eventLoop.scheduleTask(in: time) { channel.setOption(.autoRead, value: true) }
    }
}
