import HTTPTypes
import Hummingbird
import NIOCore

/// What the task of a request calls, on the connection's event loop.
extension HTTPConnection {
    /// Writes the answer to the request in work.
    func write(_ response: consuming Response, on channel: any Channel) async {
        guard let isHeadOnly = start(response.head) else { return }
        if !isHeadOnly {
            do {
                try await response.body.write(BodyWriter(connection: self, on: channel.eventLoop))
            } catch {
                // Part of it is out and the rest does not come: only the end of the connection can say so.
                return cut()
            }
        }
        finish()
    }

    /// The next piece of the body of the request in work; `nil` at its end.
    /// - Throws: 400 when the body is malformed or does not come, 408 when that takes too long.
    func nextPiece() async throws -> ByteBuffer? {
        guard case .serving = phase, let exchange, !exchange.isBroken, bodyWaiter == nil else {
            throw HTTPError(.badRequest)
        }
        return try await withCheckedThrowingContinuation {
            bodyWaiter = $0
            advance()
        }
    }

    /// Writes the head of the response.
    /// - Returns: whether that is all there is to it; `nil` when nobody is there to read it.
    private func start(_ response: HTTPResponse) -> Bool? {
        guard case .serving = phase, var exchange, let context else { return nil }
        let head = ResponseHead(response, to: exchange.head, closes: mustClose(exchange, response))
        exchange.framing = head.framing
        exchange.closes = head.endsConnection
        exchange.isExcess = response.status == .tooManyRequests
        self.exchange = exchange
        var bytes = context.channel.allocator.buffer(capacity: 1024)
        head.write(to: &bytes)
        context.write(wrapOutboundOut(bytes), promise: nil)
        return head.framing == .none
    }

    func write(_ piece: ByteBuffer) async throws {
        guard case .serving = phase, let exchange, let context else { throw ChannelError.ioOnClosedChannel }
        guard piece.readableBytes > 0 else { return }
        if exchange.framing == .chunked {
            var frame = ByteBuffer(string: String(piece.readableBytes, radix: 16) + "\r\n")
            frame.writeImmutableBuffer(piece)
            frame.writeStaticString("\r\n")
            context.write(wrapOutboundOut(frame), promise: nil)
        } else {
            context.write(wrapOutboundOut(piece), promise: nil)
        }
        unflushed += piece.readableBytes
        guard !context.channel.isWritable || unflushed >= Self.flushLimit else { return }
        context.flush()
        unflushed = 0
        guard !context.channel.isWritable, writableWaiter == nil else { return }
        await withCheckedContinuation { writableWaiter = $0 }
    }

    private func finish() {
        guard case .serving = phase, let exchange, let context else { return }
        if exchange.framing == .chunked {
            context.write(wrapOutboundOut(ByteBuffer(staticString: "0\r\n\r\n")), promise: nil)
        }
        context.flush()
        unflushed = 0
        answered(closes: exchange.closes)
    }
}

/// Writes the body of a response to its connection; waits while the client does not read.
private struct BodyWriter: ResponseBodyWriter, Sendable {
    private let connection: NIOLoopBound<HTTPConnection>

    init(connection: HTTPConnection, on eventLoop: any EventLoop) {
        self.connection = NIOLoopBound(connection, eventLoop: eventLoop)
    }

    mutating func write(_ buffer: ByteBuffer) async throws { try await connection.value.write(buffer) }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

/// A body of which not all had come with the head; it is read as it is asked for, and `100 Continue` sent then.
struct RequestBodyStream: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    private let connection: NIOLoopBound<HTTPConnection>?

    init(connection: HTTPConnection, on eventLoop: (any EventLoop)?) {
        self.connection = eventLoop.map { NIOLoopBound(connection, eventLoop: $0) }
    }

    /// Asks the connection for each piece; of no use beside another one of the same body.
    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let connection: NIOLoopBound<HTTPConnection>?

        mutating func next() async throws -> ByteBuffer? { try await connection?.value.nextPiece() }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(connection: connection) }
}
