package import HTTPServer
package import NIOCore
import Synchronization

/// One event loop of a server: its connections' tasks run on its own thread, and what is to be written to its sockets
/// is collected and written in one go.
///
/// A request is read, worked on, answered and written by one thread, so neither its start nor its end costs a switch to
/// another. Such tasks must not block.
///
/// A socket belongs to one loop for its life. One that began by polling and became a WebSocket may have its channel on
/// another: what is written to it takes its way over its own loop all the same, so that its order stands, and goes from
/// there in one hop for all sockets of that kind.
package final class SocketLoop: Sendable {
    /// Something to be written.
    package enum Outbound: Sendable {
        case frame(OutboundFrame, to: SocketConnection)
        case event(OutboundEvent, to: [SocketConnection])
        case closing(SocketConnection, SocketCloseCode)
    }

    /// Something for a channel of another loop.
    private enum Forwarded: Sendable {
        case bytes(ByteBuffer, WebSocketTransport, SocketConnection)
        case closing(WebSocketTransport, SocketCloseCode)
    }

    package let eventLoop: any EventLoop
    /// Where the tasks of this loop's connections run.
    package let executor: EventLoopExecutor
    /// Sockets with messages to work on. Each is in it at most once, so it is bounded by their number.
    let work: AsyncStream<SocketConnection>
    private let workSource: AsyncStream<SocketConnection>.Continuation
    /// What came since the loop last wrote; it takes all of it in every round, and counts what readers leave standing.
    private let outbound = Mutex<[Outbound]>([])

    package init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        executor = EventLoopExecutor(eventLoop)
        (work, workSource) = AsyncStream.makeStream()
    }

    /// Calls a worker for a socket that has sent something.
    func work(on socket: SocketConnection) { workSource.yield(socket) }

    /// No more is worked on. (`cancelOnGracefulShutdown` would do it too, but it hands every element on through a task
    /// of Swift's shared pool.)
    package func endWork() { workSource.finish() }

    /// Writes in the order of the calls, soon: one hop for all that is asked for meanwhile, one flush for each socket.
    package func write(_ item: Outbound) {
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
        var written: [SocketConnection] = []
        var elsewhere: [(loop: SocketLoop, items: [Forwarded])] = []
        for item in items {
            switch item {
            case .frame(let frame, let socket): put(frame, to: socket, &written, &elsewhere)
            case .event(let event, let sockets):
                for socket in sockets { put(event.frame(at: socket.door), to: socket, &written, &elsewhere) }
            case .closing(let socket, let code):
                if case .webSocket(let transport) = socket.transport, transport.loop !== self {
                    if socket.end() { Self.forward(.closing(transport, code), &elsewhere) }
                } else {
                    socket.closeNow(code)
                }
            }
        }
        for socket in written { flush(socket) }
        for (loop, items) in elsewhere { loop.eventLoop.execute { Self.write(items) } }
    }

    private func put(
        _ frame: OutboundFrame, to socket: SocketConnection, _ written: inout [SocketConnection],
        _ elsewhere: inout [(loop: SocketLoop, items: [Forwarded])]
    ) {
        guard !socket.isClosed else { return }
        switch socket.transport {
        case .webSocket(let transport):
            if transport.loop === self {
                if transport.write(frame.bytes) { written.append(socket) }
            } else {
                Self.forward(.bytes(frame.bytes, transport, socket), &elsewhere)
            }
        case .polling(let polling): if polling.write(frame) { written.append(socket) }
        case .gone: break
        }
    }

    /// Everything that is written comes through here, answers to pings too: it is where a slow reader is noticed.
    private func flush(_ socket: SocketConnection) {
        let waiting: Int?
        switch socket.transport {
        case .webSocket(let transport): waiting = transport.flush()
        case .polling(let polling): waiting = polling.flush()
        case .gone: waiting = nil
        }
        if let waiting, waiting > socket.settings.unreadLimit { socket.closeNow(.tooSlow) }
    }

    /// Writes before whatever has not been written yet, to a channel that the socket has come by. On this loop only.
    func writeNow(_ frames: [OutboundFrame], to transport: WebSocketTransport, of socket: SocketConnection) {
        let items = frames.map { Forwarded.bytes($0.bytes, transport, socket) }
        if transport.loop === self { Self.write(items) } else { transport.loop.eventLoop.execute { Self.write(items) } }
    }

    // MARK: Channels of other loops

    private static func forward(_ item: Forwarded, _ elsewhere: inout [(loop: SocketLoop, items: [Forwarded])]) {
        let loop: SocketLoop
        switch item {
        case .bytes(_, let transport, _), .closing(let transport, _): loop = transport.loop
        }
        if let place = elsewhere.firstIndex(where: { $0.loop === loop }) {
            elsewhere[place].items.append(item)
        } else {
            elsewhere.append((loop, [item]))
        }
    }

    private static func write(_ items: [Forwarded]) {
        var written: [(WebSocketTransport, SocketConnection)] = []
        for item in items {
            switch item {
            case .bytes(let bytes, let transport, let socket):
                if transport.write(bytes) { written.append((transport, socket)) }
            case .closing(let transport, let code): transport.close(code)
            }
        }
        for (transport, socket) in written {
            if let waiting = transport.flush(), waiting > socket.settings.unreadLimit, socket.end() {
                transport.close(.tooSlow)
            }
        }
    }
}

/// The event loops of the process, found by NIO's own.
package struct SocketLoops: Sendable {
    package let all: [SocketLoop]
    private let byEventLoop: [ObjectIdentifier: SocketLoop]

    package init(_ group: any EventLoopGroup) {
        all = group.makeIterator().map { SocketLoop($0) }
        byEventLoop = Dictionary(uniqueKeysWithValues: all.map { (ObjectIdentifier($0.eventLoop), $0) })
    }

    /// `nil` for a loop of another group.
    package subscript(eventLoop: any EventLoop) -> SocketLoop? { byEventLoop[ObjectIdentifier(eventLoop)] }
}
