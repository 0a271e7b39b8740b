import HTTPTypes
import NIOCore

/// Requests that are answered without a task.
extension HTTPConnection {
    /// Writes the answer when it is there, and goes on with the next request.
    func wait(for answer: EventLoopFuture<(HTTPResponse, ByteBuffer)>, _ head: RequestHead) {
        guard let context else { return }
        phase = .waiting
        exchange = Exchange(head: head, body: BodyReader(.none), owesContinue: false, bodyDeadline: .distantFuture)
        answer.hop(to: context.eventLoop).assumeIsolated().whenComplete { result in
            guard case .waiting = self.phase else { return }
            if case .success(let (response, body)) = result {
                self.write(response, body)
            } else {
                // Nobody will answer it any more.
                self.context?.close(promise: nil)
            }
        }
    }

    private func write(_ response: HTTPResponse, _ body: ByteBuffer) {
        guard let exchange, let context else { return }
        self.exchange?.isExcess = response.status == .tooManyRequests
        let head = ResponseHead(response, to: exchange.head, closes: mustClose(exchange, response))
        var bytes = context.channel.allocator.buffer(capacity: 1024 + body.readableBytes)
        head.write(to: &bytes)
        if head.framing != .none { bytes.writeImmutableBuffer(body) }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        answered(closes: head.endsConnection)
    }
}
