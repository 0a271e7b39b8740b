import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// How an exchange ends, and a connection.
extension HTTPConnection {
    /// For how long a client is listened to behind the last answer.
    private static let closingTime = TimeAmount.seconds(2)
    /// What a client has to take its last answer when the server stops.
    private static let leavingTime = TimeAmount.seconds(5)

    /// Whether the answer to the present request is the connection's last.
    func mustClose(_ exchange: Exchange, _ response: HTTPResponse) -> Bool {
        // A refused change of protocol ends the connection: what is between us may believe that it took place.
        if !exchange.head.keepsAlive || exchange.head.asksUpgrade || exchange.isBroken || isQuiescing { return true }
        if response.status == .contentTooLarge { return true }
        guard !exchange.body.isComplete else { return false }
        return exchange.owesContinue || exchange.body.remaining ?? 0 > Self.drainLimit
    }

    /// The answer is out.
    func answered(closes: Bool) {
        forgetLeaving()
        noteActivity()
        if closes || isQuiescing {
            beginClosing()
        } else if exchange?.body.isComplete ?? true {
            becomeIdle()
        } else {
            thrownAway = 0
            phase = .draining
            place?.awaitsClient(since: lastActive)
        }
        advance()
    }

    func becomeIdle() {
        let isExcess = exchange?.isExcess ?? false
        exchange = nil
        phase = .idle
        place?.awaitsClient(since: lastActive)
        if isExcess, let time = place.flatMap({ connections.rest($0) }) { rest(for: time) }
    }

    /// Who asks too often and goes on is listened to less and less: telling it so for each request would cost as much as
    /// it likes to ask for.
    private func rest(for time: TimeAmount) {
        phase = .resting
        context?.eventLoop.assumeIsolated().scheduleTask(in: time) {
            guard case .resting = self.phase else { return }
            self.phase = .idle
            self.advance()
        }
    }

    /// Sends no more; reads and throws away what the client still sends, for a while, because a connection reset by
    /// unread bytes takes the answer with it.
    func beginClosing() {
        guard let context else { return }
        phase = .closing
        exchange = nil
        buffer = ByteBuffer()
        thrownAway = 0
        noteActivity()
        place?.awaitsClient(since: lastActive)
        resumeWaiters()
        let channel = context.channel
        // What has been written is still on its way, and may be for long to a slow reader.
        context.close(mode: .output).assumeIsolated().whenComplete { result in
            self.outputHasEnded = true
            guard case .success = result, !self.inputHasEnded else { return channel.close(promise: nil) }
            channel.eventLoop.scheduleTask(in: Self.closingTime) { channel.close(promise: nil) }
        }
        if isQuiescing { channel.eventLoop.scheduleTask(in: Self.leavingTime) { channel.close(promise: nil) } }
    }

    /// Ends the connection in the middle of an answer, of which the client must not believe that it has all.
    ///
    /// One that tells its length, or is chunked, is incomplete without more. Of one that lasts until the connection
    /// ends, only a connection that breaks can say so (RFC 9112 §8).
    func cut() {
        if exchange?.framing == .untilClose { abort() } else { context?.close(promise: nil) }
    }

    /// Resets the connection, below TLS, whose own end would make it look whole. Nothing that was sent is waited for: the
    /// system forgets it, and answers whatever comes with a reset.
    func abort() {
        guard let context else { return }
        guard let options = context.channel as? any SocketOptionProvider else { return context.close(promise: nil) }
        options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).assumeIsolated().whenComplete { _ in
            try? context.pipeline.syncOperations.addHandler(Cutter(), position: .first)
        }
    }

    func end() {
        phase = .closed
        endTimers()
        noteLeft()
        buffer = ByteBuffer()
        resumeWaiters()
    }

    func resumeWaiters() {
        bodyWaiter?.resume(throwing: HTTPError(.badRequest))
        bodyWaiter = nil
        writableWaiter?.resume()
        writableWaiter = nil
    }
}

/// Closes a channel from below every other handler, once it is the first.
private final class Cutter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func handlerAdded(context: ChannelHandlerContext) { context.close(promise: nil) }
}
