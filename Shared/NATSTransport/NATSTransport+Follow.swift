package import Messaging

extension NATSTransport {
    /// Follows by what the server republishes of the stream, and reads from the stream itself what was missed of that.
    /// It makes no consumer: whoever may make one may change those of the services as well.
    package func follow(handler: @escaping @Sendable (FollowedEvent) async -> Void) async throws(TransportError) {
        let feed = FollowFeed(link: link, inbox: feedInbox(), cut: cut)
        try feed.open(wire(StreamDefinition.republished))
        defer { feed.close() }
        var follower = Follower(feed: feed, transport: self)
        await untilStopped {
            while true {
                switch await feed.next() {
                case .event(let event): await follower.take(event, handler)
                case .look: await follower.look(handler)
                case .stopped: return
                }
            }
        } stop: {
            feed.stop()
        }
    }
}

/// One run of `follow`: its place in the stream.
private struct Follower {
    /// More than this is not read one by one when it was missed, but told as a gap.
    static let most: UInt64 = 8192

    private let feed: FollowFeed
    private let transport: NATSTransport
    private var position = FollowPosition()
    /// Up to where events were read from the stream: what comes republished of them has been handed out.
    private var readUpTo: UInt64 = 0
    /// The feed's epoch at the last look that worked; in another one the stream may be another.
    private var epoch: UInt64 = 0

    init(feed: FollowFeed, transport: NATSTransport) {
        self.feed = feed
        self.transport = transport
    }

    /// An event that was republished.
    mutating func take(_ event: StoredEvent, _ handler: (FollowedEvent) async -> Void) async {
        if event.sequence == position.sequence + 1 {
            await handOut(event, handler)
        } else if event.sequence > readUpTo {
            // One before it is missing, or the stream counts from the beginning again.
            feed.missed()
        }
    }

    /// Looks at the stream and reads what has not been handed out, again and again until that works or the feed is
    /// stopped.
    mutating func look(_ handler: (FollowedEvent) async -> Void) async {
        var patience = Patience(
            log: transport.link.logger, subject: "stream", name: transport.link.configuration.stream)
        while !feed.isStopped {
            let epoch = feed.epoch
            do throws(StreamAPI.Refusal) {
                let state = try await StreamState.now(transport, timeout: patience.timeout)
                switch position.look(state) {
                case .ready: await handler(.ready)
                case .gap:
                    readUpTo = 0
                    await handler(.gap)
                case .resumed: break
                }
                if state.lastSequence > position.sequence + Self.most {
                    position.skip(to: state)
                    readUpTo = position.sequence
                    await handler(.gap)
                }
                // After a doubt the last event seen is read again: another in its place shows what nothing else does.
                let start = epoch == self.epoch ? position.sequence + 1 : position.startSequence
                try await read(from: start, to: state, in: epoch, handler)
                self.epoch = epoch
                return feed.looked(isRepublished: state.isRepublished)
            } catch {
                await feed.pause(milliseconds: patience.failed(error), in: epoch)
            }
        }
    }

    private mutating func read(
        from start: UInt64, to state: StreamState, in epoch: UInt64, _ handler: (FollowedEvent) async -> Void
    ) async throws(StreamAPI.Refusal) {
        var next = max(start, state.firstSequence)
        while next <= state.lastSequence {
            // None: a copy of the stream that is behind answers, or the end has been dropped since.
            guard let event = try await feed.fetch(next, timeout: .seconds(2)) else { throw .missing }
            guard event.sequence >= next, feed.epoch == epoch else { throw .transport(.disconnected) }
            await handOut(event, handler)
            readUpTo = position.sequence
            next = event.sequence + 1
        }
    }

    private mutating func handOut(_ event: StoredEvent, _ handler: (FollowedEvent) async -> Void) async {
        switch position.step(event.sequence, id: event.id) {
        case .skip: return
        case .gapThenDeliver: await handler(.gap)
        case .deliver: break
        }
        await handler(.event(event.event))
    }
}
