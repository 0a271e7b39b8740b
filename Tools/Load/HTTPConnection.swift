internal import Glibc
internal import NIOCore

/// One connection with one request at a time, and as much of HTTP/1.1 as the gateway's answers need: a status and a
/// body of known length.
final class HTTPConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let run: HTTPRun
    private let channel: any Channel
    private var received = ByteBuffer()
    private var due: UInt64?

    init(run: HTTPRun, channel: any Channel) {
        self.run = run
        self.channel = channel
    }

    /// Sends a request made of these parts.
    func send(_ head: String, _ key: String, _ tail: String, due moment: UInt64) {
        due = moment
        var buffer = channel.allocator.buffer(capacity: head.utf8.count + key.utf8.count + tail.utf8.count)
        buffer.writeString(head)
        buffer.writeString(key)
        buffer.writeString(tail)
        channel.writeAndFlush(buffer, promise: nil)
    }

    func channelActive(context: ChannelHandlerContext) { run.join(self) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var part = unwrapInboundIn(data)
        received.writeBuffer(&part)
        guard let answer = received.withUnsafeReadableBytes(Self.answer) else { return }
        received.moveReaderIndex(forwardBy: answer.length)
        if received.readableBytes == 0 { received.clear() }
        guard let moment = due else { return }
        due = nil
        run.answered(self, status: answer.status, due: moment)
    }

    func channelInactive(context: ChannelHandlerContext) { run.ended(self, isWorking: due != nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// A whole answer at the start of `bytes`.
    private static func answer(_ bytes: UnsafeRawBufferPointer) -> (status: Int, length: Int)? {
        guard let end = ByteScan.end(of: "\r\n\r\n", in: bytes) else { return nil }
        var length = 0
        if let line = lengthLine(UnsafeRawBufferPointer(rebasing: bytes[..<end])) {
            length = ByteScan.number(in: bytes, at: line)
        }
        guard bytes.count >= end + length else { return nil }
        return (ByteScan.number(in: bytes, at: 9), end + length)
    }

    /// Where the value of `Content-Length` begins, in whichever case the name is written.
    private static func lengthLine(_ head: UnsafeRawBufferPointer) -> Int? {
        let name: StaticString = "content-length: "
        var start = 0
        while let next = ByteScan.end(of: "\r\n", in: head, from: start) {
            if let base = head.baseAddress, next + name.utf8CodeUnitCount < head.count,
                strncasecmp(
                    base.assumingMemoryBound(to: CChar.self) + next,
                    UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self), name.utf8CodeUnitCount) == 0
            {
                return next + name.utf8CodeUnitCount
            }
            start = next
        }
        return nil
    }
}
