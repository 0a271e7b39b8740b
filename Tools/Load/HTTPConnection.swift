internal import NIOCore
internal import NIOHTTP1

/// Who hears what comes of requests. On the connections' event loop.
protocol HTTPListener: AnyObject {
    /// The connection is open.
    func joined(_ connection: HTTPConnection)
    func answered(_ connection: HTTPConnection, _ answer: HTTPAnswer)
    /// - Parameter isWorking: whether it ended under a request.
    func ended(_ connection: HTTPConnection, isWorking: Bool)
}

/// What came of a request.
struct HTTPAnswer {
    var status = 0
    var body = ByteBuffer()
    /// When the request was due.
    var due: UInt64 = 0
}

/// One connection with one request at a time.
final class HTTPConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let listener: any HTTPListener
    private let channel: any Channel
    /// That is arriving, or waited for.
    private var answer = HTTPAnswer()
    private(set) var isWorking = false

    init(_ listener: any HTTPListener, channel: any Channel) {
        self.listener = listener
        self.channel = channel
    }

    /// Adds one behind NIO's codec. On the channel's event loop.
    static func add(to channel: any Channel, _ listener: any HTTPListener) throws {
        try channel.pipeline.syncOperations.addHTTPClientHandlers()
        try channel.pipeline.syncOperations.addHandler(HTTPConnection(listener, channel: channel))
    }

    /// - Parameter due: told with the answer, for those who measure.
    func send(_ head: HTTPRequestHead, _ body: ByteBuffer?, due: UInt64 = 0) {
        isWorking = true
        answer = HTTPAnswer(due: due)
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        if let body { channel.write(HTTPClientRequestPart.body(.byteBuffer(body)), promise: nil) }
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }

    func close() { channel.close(promise: nil) }

    func channelActive(context: ChannelHandlerContext) { listener.joined(self) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): answer.status = Int(head.status.code)
        case .body(var part): answer.body.writeBuffer(&part)
        case .end:
            guard isWorking else { return }
            isWorking = false
            listener.answered(self, answer)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { listener.ended(self, isWorking: isWorking) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
