import NIOCore

/// A WebSocket's channel, as a socket writes to it. Used on the channel's event loop, which need not be the socket's.
final class WebSocketTransport: Sendable {
    let channel: any Channel
    let loop: SocketLoop
    private struct State {
        /// Something was written and not flushed yet.
        var isUnflushed = false
        /// The client has been told that the connection ends.
        var isClosing = false
        /// Nothing that the client sends counts any more: it has closed, or broken the protocol.
        var clientHasEnded = false
    }

    private let state: NIOLoopBoundBox<State>

    /// On the channel's event loop only.
    init(_ channel: any Channel, _ loop: SocketLoop) {
        self.channel = channel
        self.loop = loop
        state = NIOLoopBoundBox(State(), eventLoop: channel.eventLoop)
    }

    /// - Returns: whether a flush is due that was not due before.
    func write(_ bytes: ByteBuffer) -> Bool {
        channel.write(bytes, promise: nil)
        defer { state.value.isUnflushed = true }
        return !state.value.isUnflushed
    }

    /// - Returns: the bytes that the reader has left standing when it takes no more for now.
    func flush() -> Int? {
        state.value.isUnflushed = false
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

    /// Says why, and gives the reader five seconds to take what is still waiting. Only the first call counts.
    func close(_ code: SocketCloseCode) {
        guard !state.value.isClosing else { return }
        state.value.isClosing = true
        let channel = channel
        channel.writeAndFlush(OutboundFrame.closing(code).bytes).whenComplete { _ in
            // The other side closes when it has read this; if it does not, we do.
            channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
        }
        channel.eventLoop.scheduleTask(in: .seconds(5)) { channel.close(promise: nil) }
        if state.value.clientHasEnded { endOutput() }
    }

    /// The client has closed, or broken the protocol: the connection ends with what the client is told, as the server
    /// ends it first (RFC 6455 §7.1.1).
    func clientEnded() {
        state.value.clientHasEnded = true
        if state.value.isClosing { endOutput() }
    }

    /// Only the way out: what the client has sent on would else turn the end into a reset, which may take from it what
    /// was said.
    private func endOutput() { channel.close(mode: .output, promise: nil) }
}
