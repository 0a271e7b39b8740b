internal import NIOCore
internal import NIOHTTP1

/// One connection with one request at a time.
final class HTTPConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let run: HTTPRun
    private let channel: any Channel
    /// Of the answer that is arriving.
    private var status = 0
    private var due: UInt64?

    init(run: HTTPRun, channel: any Channel) {
        self.run = run
        self.channel = channel
    }

    func send(_ head: HTTPRequestHead, _ body: ByteBuffer?, due moment: UInt64) {
        due = moment
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        if let body { channel.write(HTTPClientRequestPart.body(.byteBuffer(body)), promise: nil) }
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }

    func channelActive(context: ChannelHandlerContext) { run.join(self) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = Int(head.status.code)
        case .body: break
        case .end:
            guard let moment = due else { return }
            due = nil
            run.answered(self, status: status, due: moment)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { run.ended(self, isWorking: due != nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
