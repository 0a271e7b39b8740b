import NIOCore

/// A WebSocket's channel, as a socket writes to it. Used on the channel's event loop, which need not be the socket's.
final class WebSocketTransport: Sendable {
    let channel: any Channel
    let loop: SocketLoop
    /// Whether something was written and not flushed yet.
    private let isUnflushed: NIOLoopBoundBox<Bool>

    /// On the channel's event loop only.
    init(_ channel: any Channel, _ loop: SocketLoop) {
        self.channel = channel
        self.loop = loop
        isUnflushed = NIOLoopBoundBox(false, eventLoop: channel.eventLoop)
    }

    /// - Returns: whether a flush is due that was not due before.
    func write(_ bytes: ByteBuffer) -> Bool {
        channel.write(bytes, promise: nil)
        defer { isUnflushed.value = true }
        return !isUnflushed.value
    }

    /// - Returns: the bytes that the reader has left standing when it takes no more for now.
    func flush() -> Int? {
        isUnflushed.value = false
        channel.flush()
        return channel.isWritable ? nil : unreadBytes
    }

    /// Bytes that wait for the reader.
    var unreadBytes: Int { (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0 }

    /// Whether more is read from the client.
    func setReading(_ isReading: Bool) {
        let channel = channel
        let set = { @Sendable in try? channel.syncOptions?.setOption(.autoRead, value: isReading) }
        // At once where that is possible: what is read between now and the pause would come in all the same.
        if channel.eventLoop.inEventLoop { _ = set() } else { channel.eventLoop.execute { _ = set() } }
    }

    /// Says why, and gives the reader five seconds to take what is still waiting.
    func close(_ code: SocketCloseCode) {
        let channel = channel
        channel.writeAndFlush(OutboundFrame.closing(code).bytes).whenComplete { _ in
            // The other side closes when it has read this; if it does not, we do.
            channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
        }
        channel.eventLoop.scheduleTask(in: .seconds(5)) { channel.close(promise: nil) }
    }
}
