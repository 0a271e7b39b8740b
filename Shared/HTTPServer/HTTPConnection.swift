import HTTPTypes
import Hummingbird
package import NIOCore

/// One connection of a server: reads a request, has it answered, reads the next (RFC 9112 §9).
///
/// One request at a time: the next head is not looked at before the answer is out, so that answers, refusals too, come
/// in the order of what they answer. What has come and is not looked at yet is at most what one turn of the event loop
/// reads; until there is use for more, nothing is read, and the client waits. All of it happens on the event loop; the
/// part that the task of a request calls is in `HTTPConnection+Serving`, what ends one whose client does not go on in
/// `HTTPConnection+Deadlines`.
package final class HTTPConnection: ChannelDuplexHandler, RemovableChannelHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    /// Legal transitions: `idle` → `deciding` → `serving` or `upgraded`; `idle` → `serving` → `draining` or `idle`;
    /// `idle` → `waiting` → `idle`; `idle` → `skimming`; `draining` → `idle`; `idle` → `resting` → `idle`; from each but
    /// `upgraded` → `closing`; from any → `closed`.
    enum Phase {
        /// A head is awaited or being read.
        case idle
        /// It is found out whether the request becomes another protocol. Nothing is read meanwhile.
        case deciding
        /// A request is with its task.
        case serving
        /// A request is with whoever answers it without a task.
        case waiting
        /// A head is too large, and its rest is looked through before it is refused.
        case skimming
        /// The answer is out; the rest of the request's body is thrown away.
        case draining
        /// The client asks too often: its next request is looked at later.
        case resting
        /// The last answer is out; what still comes is thrown away, so that the client can read the answer.
        case closing
        /// Another protocol has the connection.
        case upgraded
        case closed
    }

    /// The request being answered.
    struct Exchange {
        let head: RequestHead
        var body: BodyReader
        /// Of the body, read and not yet asked for.
        var pieces = ByteBuffer()
        /// Whether the client waits for `100 Continue`.
        var owesContinue: Bool
        /// Whether the body ended too early or is malformed.
        var isBroken = false
        /// When the whole of the body must have come.
        var bodyDeadline: NIODeadline
        var framing = ResponseHead.Framing.none
        var closes = false
        /// Whether the answer is 429: the client asks too often.
        var isExcess = false
    }

    /// Bytes of an answer after which it is sent on. Until then TLS keeps what it is given, and the channel cannot tell
    /// that the client does not read.
    static let flushLimit = 32 * 1024
    /// How much of a body that nobody wanted is read, so that the connection can go on.
    static let drainLimit = 64 * 1024
    /// How much is thrown away behind the last answer before the connection is cut.
    private static let closingLimit = 64 * 1024 * 1024

    let configuration: HTTPServerConfiguration
    let connections: ConnectionTable
    /// Has a request answered; called on the event loop.
    private let respond: (Request, HTTPConnection) -> Void
    /// Where it counts; `nil` when it is to be refused.
    var place: ConnectionTable.Place?
    /// What it is told instead of being served.
    var refusal: Refusal?
    var context: ChannelHandlerContext?
    var phase = Phase.idle
    var exchange: Exchange?
    var buffer = ByteBuffer()
    var lastActive = NIODeadline.uptimeNanoseconds(0)
    /// The task's calls that wait; each is resumed once.
    var bodyWaiter: CheckedContinuation<ByteBuffer?, any Error>?
    var writableWaiter: CheckedContinuation<Void, Never>?
    private(set) var reader: HeadReader
    var hasServed = false
    /// Whether somebody asked to read while there was no use for it.
    var isReadHeld = false
    var inputHasEnded = false
    var outputHasEnded = false
    /// Bytes of the present answer that were written and not sent on.
    var unflushed = 0
    var timers = Timers()
    var isQuiescing = false
    var thrownAway = 0
    /// While `skimming`.
    var skimmer: (refusal: Refusal, rest: HeadSkimmer)?
    /// Called when the client goes before it has the answer to the request in work.
    private var clientLeft: (@Sendable () -> Void)?

    /// For one connection: add it to one pipeline only.
    init(
        configuration: HTTPServerConfiguration, connections: ConnectionTable,
        respond: @escaping (Request, HTTPConnection) -> Void
    ) {
        self.configuration = configuration
        self.connections = connections
        self.respond = respond
        reader = HeadReader(scheme: configuration.scheme)
    }

    /// Calls `body` when the client of the request that `channel` is serving goes before it is answered, be it that it
    /// ends only its own side: of an answer that is waited for long nobody can say then who would read it. At most one
    /// for each request, before its task waits for anything: at once, as it must be, where that task runs on the
    /// channel's event loop. What would wait for the loop's next turn may come behind the answer, as a task that need
    /// not wait goes on in this one.
    package static func whenClientLeaves(_ channel: any Channel, _ body: @escaping @Sendable () -> Void) {
        guard channel.eventLoop.inEventLoop else {
            return channel.eventLoop.execute { whenClientLeaves(channel, body) }
        }
        guard let connection = try? channel.pipeline.syncOperations.handler(type: HTTPConnection.self) else { return }
        switch connection.phase {
        case .serving where !connection.inputHasEnded, .waiting where !connection.inputHasEnded: break
        default: return body()
        }
        connection.clientLeft = body
    }

    /// Nobody waits any more for what is being served, if anything is.
    func noteLeft() {
        let left = clientLeft
        clientLeft = nil
        left?()
    }

    /// The request in work is answered.
    func forgetLeaving() { clientLeft = nil }

    /// Gives the connection up for another, if it still waits for its client.
    func giveWay() {
        switch phase {
        case .idle, .resting, .skimming, .draining, .closing: context?.close(promise: nil)
        case .serving where bodyWaiter != nil || writableWaiter != nil: abort()
        case .serving, .deciding, .waiting, .upgraded: if let place { connections.keep(place) }
        case .closed: break
        }
    }

    // MARK: What the channel tells

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        noteActivity()
        scheduleDeadline()
        if let refusal, context.channel.isActive { refuse(refusal, RefusedHead()) }
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        if case .upgraded = phase { endTimers() } else { end() }
        self.context = nil
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        switch phase {
        case .closed: return
        case .upgraded: return context.fireChannelRead(data)
        case .closing:
            thrownAway += bytes.readableBytes
            if thrownAway > Self.closingLimit { context.close(promise: nil) }
            return
        default: break
        }
        if buffer.readableBytes == 0 { buffer = bytes } else { buffer.writeBuffer(&bytes) }
        advance()
    }

    package func read(context: ChannelHandlerContext) {
        if wantsBytes { context.read() } else { isReadHeld = true }
    }

    package func channelActive(context: ChannelHandlerContext) {
        if let refusal { refuse(refusal, RefusedHead()) }
        context.fireChannelActive()
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        if !context.channel.isWritable {
            beginWriteWatch()
        } else {
            endWriteWatch()
            if let waiter = writableWaiter {
                writableWaiter = nil
                waiter.resume()
            }
            advance()
        }
        context.fireChannelWritabilityChanged()
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .upgraded = phase { return context.fireUserInboundEventTriggered(event) }
        switch event {
        case ChannelEvent.inputClosed:
            inputHasEnded = true
            noteLeft()
            if case .closing = phase {
                if outputHasEnded { context.close(promise: nil) }
            } else {
                advance()
            }
        case is ChannelShouldQuiesceEvent:
            isQuiescing = true
            switch phase {
            case .idle, .resting, .draining: beginClosing()
            default: break
            }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case .upgraded = phase { return context.fireErrorCaught(error) }
        context.close(promise: nil)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        if case .upgraded = phase {} else { end() }
        context.fireChannelInactive()
    }

    // MARK: Reading

    /// Whether bytes would be used if there were more. What is not read stays with the client.
    private var wantsBytes: Bool {
        switch phase {
        case .idle: context?.channel.isWritable ?? false
        case .deciding, .resting: false
        case .serving: bodyWaiter != nil || (exchange?.body.isComplete ?? true) && buffer.readableBytes == 0
        case .waiting: buffer.readableBytes == 0
        case .skimming, .draining, .closing, .upgraded, .closed: true
        }
    }

    /// Does what can be done with what is there.
    func advance() {
        loop: while let context {
            switch phase {
            case .idle:
                // A client that does not take its answers gets no more of them.
                guard context.channel.isWritable else { break loop }
                switch reader.read(from: &buffer) {
                case .needsMore:
                    if inputHasEnded {
                        beginClosing()
                    } else if reader.hasBegun || buffer.readableBytes > 0 {
                        headHasBegun()
                    }
                    break loop
                case .refused(let refusal): judge(refusal, reader.partialHead)
                case .head(let head):
                    reader = HeadReader(scheme: configuration.scheme)
                    hasServed = true
                    timers.headBegan = nil
                    noteActivity()
                    place?.isInWork()
                    if head.asksUpgrade, let decision = configuration.upgrade(context.channel, head) {
                        decide(head, decision)
                    } else if head.framing == .none, let answer = configuration.answer(context.channel, head) {
                        wait(for: answer, head)
                    } else {
                        begin(head)
                    }
                }
            case .serving:
                if bodyWaiter != nil { feedBody() }
                break loop
            case .skimming: if skim() { break loop }
            case .draining: if drain() { break loop }
            case .deciding, .waiting, .resting, .closing, .upgraded, .closed: break loop
            }
        }
        // A connection that waits keeps no storage for what it has read.
        if buffer.readableBytes == 0 { buffer = ByteBuffer() }
        if isReadHeld, wantsBytes {
            isReadHeld = false
            context?.read()
        }
    }

    func begin(_ head: RequestHead) {
        var exchange = Exchange(
            head: head, body: BodyReader(head.framing), owesContinue: head.awaitsContinue,
            bodyDeadline: lastActive + configuration.bodyTimeout)
        do throws(Refusal) {
            // Mostly all of it is here already, and nobody needs to wait for it.
            while var piece = try exchange.body.next(from: &buffer) { exchange.pieces.writeBuffer(&piece) }
        } catch {
            return refuse(error, RefusedHead(method: head.request.method, fields: head.request.headerFields))
        }
        phase = .serving
        let isComplete = exchange.body.isComplete
        let body =
            isComplete
            ? RequestBody(buffer: exchange.pieces)
            : RequestBody(asyncSequence: RequestBodyStream(connection: self, on: context?.eventLoop))
        if isComplete { exchange.pieces = ByteBuffer() }
        self.exchange = exchange
        if !isComplete { place?.awaitsClient(since: lastActive) }
        respond(Request(head: head.request, body: body), self)
    }

    /// - Returns: whether more bytes are needed.
    private func drain() -> Bool {
        guard var body = exchange?.body else { return true }
        var failed = inputHasEnded
        do throws(Refusal) {
            while let piece = try body.next(from: &buffer) { thrownAway += piece.readableBytes }
        } catch {
            failed = true
        }
        exchange?.body = body
        if body.isComplete {
            becomeIdle()
            return false
        }
        if failed || thrownAway > Self.drainLimit { beginClosing() }
        return true
    }

    /// Gives the task what has come of the body.
    func feedBody() {
        guard var exchange, let waiter = bodyWaiter else { return }
        var result: Result<ByteBuffer?, any Error>?
        do throws(Refusal) {
            if exchange.pieces.readableBytes > 0 {
                result = .success(exchange.pieces)
                exchange.pieces = ByteBuffer()
            } else if let piece = try exchange.body.next(from: &buffer) {
                result = .success(piece)
            } else if exchange.body.isComplete {
                result = .success(nil)
            } else if inputHasEnded {
                throw .malformed
            }
        } catch {
            exchange.isBroken = true
            result = .failure(HTTPError(.badRequest))
        }
        if result == nil, exchange.owesContinue {
            context?.writeAndFlush(
                wrapOutboundOut(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
            exchange.owesContinue = false
        }
        self.exchange = exchange
        guard let result else { return scheduleDeadline() }
        if exchange.body.isComplete { place?.isInWork() }
        noteActivity()
        bodyWaiter = nil
        waiter.resume(with: result)
    }
}
