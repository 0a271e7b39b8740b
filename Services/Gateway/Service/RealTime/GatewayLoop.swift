import NIOCore
import ServiceKit
import Synchronization

/// One event loop of the gateway: its connections' tasks run on its own thread, and what is to be written to its
/// sockets is collected and written in one go.
///
/// A request is read, worked on, answered and written by one thread, so neither its start nor its end costs a switch to
/// another. Such tasks must not block: nothing in the gateway does.
final class GatewayLoop: Sendable {
    /// Something to be written.
    enum Outbound: Sendable {
        case frame(ByteBuffer, to: LiveSocket)
        case event(ServerEvent, to: [LiveSocket])
        case closing(LiveSocket, SocketCloseCode)
    }

    let eventLoop: any EventLoop
    /// Where the tasks of this loop's connections run.
    let executor: EventLoopExecutor
    /// Sockets with frames to work on. Each is in it at most once, so it is bounded by their number.
    let work: AsyncStream<LiveSocket>
    private let workSource: AsyncStream<LiveSocket>.Continuation
    /// What came since the loop last wrote; it takes all of it in every round, and counts what readers leave standing.
    private let outbound = Mutex<[Outbound]>([])

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        executor = EventLoopExecutor(eventLoop)
        (work, workSource) = AsyncStream.makeStream()
    }

    /// Calls a worker for a socket that has sent something.
    func work(on socket: LiveSocket) { workSource.yield(socket) }

    /// No more is worked on. (`cancelOnGracefulShutdown` would do it too, but it hands every element on through a task
    /// of Swift's shared pool.)
    func endWork() { workSource.finish() }

    /// Writes in the order of the calls, soon: one hop for all that is asked for meanwhile, one flush for each socket.
    func write(_ item: Outbound) {
        let isFirst = outbound.withLock { outbound in
            outbound.append(item)
            return outbound.count == 1
        }
        if isFirst { eventLoop.execute { self.writeOutbound() } }
    }

    private func writeOutbound() {
        let items = outbound.withLock { outbound in
            defer { outbound = [] }
            return outbound
        }
        var written: [LiveSocket] = []
        for item in items {
            switch item {
            case .frame(let frame, let socket): if socket.write(frame) { written.append(socket) }
            case .event(let event, let sockets):
                for socket in sockets where socket.write(event.frame(at: socket.door)) { written.append(socket) }
            case .closing(let socket, let code): socket.closeOnLoop(code)
            }
        }
        for socket in written { socket.flush() }
    }
}

/// The event loops of the process, found by NIO's own.
struct GatewayLoops: Sendable {
    let all: [GatewayLoop]
    private let byEventLoop: [ObjectIdentifier: GatewayLoop]

    init(_ group: any EventLoopGroup) {
        all = group.makeIterator().map { GatewayLoop($0) }
        byEventLoop = Dictionary(uniqueKeysWithValues: all.map { (ObjectIdentifier($0.eventLoop), $0) })
    }

    /// `nil` for a loop of another group.
    subscript(eventLoop: any EventLoop) -> GatewayLoop? { byEventLoop[ObjectIdentifier(eventLoop)] }
}
