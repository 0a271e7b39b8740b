import NIOCore

/// How a connection becomes one of another protocol (RFC 9110 §7.8), at any of its requests.
extension HTTPConnection {
    func decide(_ head: RequestHead, _ decision: EventLoopFuture<ProtocolUpgrade?>) {
        guard let context else { return }
        phase = .deciding
        decision.hop(to: context.eventLoop).assumeIsolated().whenComplete { result in
            guard case .deciding = self.phase else { return }
            if case .success(let upgrade?) = result {
                self.change(to: upgrade, head)
            } else {
                self.begin(head)
            }
            self.advance()
        }
    }

    private func change(to upgrade: ProtocolUpgrade, _ head: RequestHead) {
        guard let context else { return }
        var bytes = ByteBuffer()
        ResponseHead(upgrade.response, to: head, closes: false).write(to: &bytes)
        context.write(wrapOutboundOut(bytes), promise: nil)
        phase = .upgraded
        resumeWaiters()
        let rest = buffer
        buffer = ByteBuffer()
        do { try upgrade.install(context.channel) } catch { return context.close(promise: nil) }
        // Not before: what a client does once it knows, by another connection too, finds the protocol installed.
        context.flush()
        // What came behind the request is of the new protocol.
        if rest.readableBytes > 0 {
            context.fireChannelRead(wrapInboundOut(rest))
            context.fireChannelReadComplete()
        }
        if inputHasEnded { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        if isReadHeld { context.read() }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
