import HTTPTypes
import NIOCore

/// How a connection answers what is no request that can be handed on.
extension HTTPConnection {
    /// For how long the rest of a head that is too large is waited for.
    private static let skimmingTime = TimeAmount.seconds(1)

    /// Refuses what has been read of a head: at once, or where it is only too large when the rest has been looked
    /// through for what the answer must say to be readable by a page on another site. That may come behind the fault.
    func judge(_ refusal: Refusal, _ head: RefusedHead) {
        switch refusal {
        case .targetTooLong, .fieldsTooLarge:
            phase = .skimming
            skimmer = (refusal, HeadSkimmer(head))
            context?.eventLoop.assumeIsolated().scheduleTask(in: Self.skimmingTime) { self.endSkimming() }
        case .malformed, .expectationFailed, .tunnelAsked, .tooSlow, .tooManyConnections, .overloaded:
            refuse(refusal, head)
        }
    }

    /// - Returns: whether more bytes are needed.
    func skim() -> Bool {
        let bytes = buffer.readSlice(length: buffer.readableBytes) ?? ByteBuffer()
        let isDone = skimmer?.rest.isDone(with: bytes.readableBytesView) ?? true
        guard isDone || inputHasEnded else { return true }
        endSkimming()
        return false
    }

    private func endSkimming() {
        guard case .skimming = phase, let (refusal, rest) = skimmer else { return }
        skimmer = nil
        refuse(refusal, rest.head)
    }

    func refuse(_ refusal: Refusal, _ head: RefusedHead) {
        let (response, body) = configuration.refusal(refusal, head)
        var bytes = ByteBuffer()
        ResponseHead(response, to: nil, closes: true).write(to: &bytes)
        if head.method != .head { bytes.writeImmutableBuffer(body) }
        context?.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        beginClosing()
    }
}
