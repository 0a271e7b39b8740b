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

    /// Bytes not yet taken by a reader at which it counts as too slow and is closed with 1013.
    static let unreadLimit = 4 * 1024 * 1024

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
            case .frame(let frame, let socket): if put(frame, to: socket) { written.append(socket) }
            case .event(let event, let sockets):
                for socket in sockets where put(event.frame(at: socket.door), to: socket) { written.append(socket) }
            case .closing(let socket, let code): close(socket, code)
            }
        }
        for socket in written { flush(socket) }
    }

    /// - Returns: whether a flush is due that was not due before.
    private func put(_ frame: ByteBuffer, to socket: LiveSocket) -> Bool {
        guard !socket.isClosed else { return false }
        socket.channel.write(frame, promise: nil)
        defer { socket.isUnflushed.value = true }
        return !socket.isUnflushed.value
    }

    /// Everything that is written comes through here, answers to pings too: it is where a slow reader is noticed.
    private func flush(_ socket: LiveSocket) {
        socket.isUnflushed.value = false
        let channel = socket.channel
        channel.flush()
        guard !channel.isWritable else { return }
        let waiting = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        if waiting > Self.unreadLimit { close(socket, .tooSlow) }
    }

    /// Says why, and gives the reader five seconds to take what is still waiting. Nothing is written after it. On the
    /// event loop only; from elsewhere `LiveSocket.close`.
    func close(_ socket: LiveSocket, _ code: SocketCloseCode) {
        guard socket.end() else { return }
        let channel = socket.channel
        channel.writeAndFlush(OutboundFrame.closing(code)).whenComplete { _ in
            // The other side closes when it has read this; if it does not, we do.
            channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
        }
        channel.eventLoop.scheduleTask(in: .seconds(5)) { channel.close(promise: nil) }
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
