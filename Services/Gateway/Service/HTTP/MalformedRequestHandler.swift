import HTTPTypes
import Messaging
import NIOCore
import NIOHTTP1
import Primitives

/// Answers what is not HTTP with a problem, and closes the connection: where the next request would begin nobody can
/// tell.
final class MalformedRequestHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private var hasAnswered = false

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else { return context.fireErrorCaught(error) }
        guard !hasAnswered else { return }
        hasAnswered = true
        Self.answer(context: context)
    }

    /// Writes the problem below whatever handlers come after this one.
    static func answer(context: ChannelHandlerContext) {
        let requestID = Identifier.make().description
        let problem = Problem(
            error: ServiceError(.malformedJSON, "This is not an HTTP request that can be read."), requestID: requestID,
            instance: "/")
        let body = JSONWriter.encode(problem)
        var headers = HTTPHeaders([
            ("Content-Type", "application/problem+json"), ("Content-Length", String(body.count)),
            ("Connection", "close"),
            ("X-Request-Id", requestID), ("Content-Security-Policy", SecurityHeaders.apiPolicy),
            ("Cache-Control", "no-store"),
        ])
        for (name, value) in SecurityHeaders.common { headers.add(name: name.canonicalName, value: value) }
        let head = HTTPResponseHead(version: .http1_1, status: .badRequest, headers: headers)
        context.write(NIOAny(HTTPServerResponsePart.head(head)), promise: nil)
        context.write(NIOAny(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        let channel = context.channel
        context.writeAndFlush(NIOAny(HTTPServerResponsePart.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }
}
