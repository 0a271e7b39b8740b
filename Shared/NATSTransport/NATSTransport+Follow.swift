package import Messaging
import Primitives

extension NATSTransport {
    /// Follows by an unnamed consumer in the server's memory, made anew after each interruption; `FollowPosition`
    /// decides whether events were missed.
    package func follow(handler: @escaping @Sendable (FollowedEvent) async -> Void) async throws(TransportError) {
        let feed = PullConsumer(link: link, inbox: feedInbox(), concurrency: 1, acknowledges: false)
        try feed.open(cut: cut)
        defer { feed.close() }
        var follower = Follower(feed: feed, transport: self)
        await untilStopped {
            while true {
                switch await feed.next() {
                case .delivery(let delivery):
                    await follower.handle(delivery, handler)
                    feed.finish(delivery, .done)
                case .detached: await follower.attach(handler)
                case .stopped: return
                }
            }
        } stop: {
            feed.stop()
        }
    }
}

/// One run of `follow`: its place in the stream and the consumer made for it, which the server drops when nobody has
/// pulled for 30 s.
private struct Follower {
    private let feed: PullConsumer
    private let transport: NATSTransport
    private var position = FollowPosition()
    private var consumer: String?
    /// Deliveries of the present consumer so far.
    private var delivered: UInt64 = 0

    init(feed: PullConsumer, transport: NATSTransport) {
        self.feed = feed
        self.transport = transport
    }

    private var stream: String { transport.link.configuration.stream }

    mutating func handle(_ delivery: StreamDelivery, _ handler: (FollowedEvent) async -> Void) async {
        // A late one of the consumer before; the present one delivers it as well.
        guard delivery.consumer == consumer else { return }
        // One was lost on its way to us: begin anew from the last position seen.
        guard delivery.consumerSequence == delivered + 1 else { return feed.detach() }
        delivered += 1
        switch position.step(delivery.event.sequence, time: delivery.time) {
        case .skip: return
        case .gapThenDeliver: await handler(.gap)
        case .deliver: break
        }
        await handler(.event(delivery.event))
    }

    /// Looks at the stream and makes a consumer, again and again until that works or the feed is stopped.
    mutating func attach(_ handler: (FollowedEvent) async -> Void) async {
        var patience = Patience(log: transport.link.logger, subject: "stream", name: stream)
        while !feed.isStopped {
            if transport.link.connection == nil {
                await feed.pause(milliseconds: 1000, wakesOnLink: true)
                continue
            }
            do throws(StreamAPI.Refusal) {
                // The server drops the one before by itself; nobody but it may delete a consumer.
                consumer = nil
                let state = try await StreamState.now(transport, timeout: patience.timeout)
                var next = position
                let start = next.look(state)
                consumer = try await makeConsumer(from: next.startSequence)
                // Between the two another stream may have taken the place of the one looked at, and the consumer would
                // begin in the middle of it.
                let later = try await StreamState.now(transport, timeout: patience.timeout)
                guard state.isContinued(by: later), let name = consumer else { continue }
                position = next
                delivered = 0
                switch start {
                case .ready: await handler(.ready)
                case .gap: await handler(.gap)
                case .resumed: break
                }
                // Under a name of its own each time, so that what waits of the consumer before is dropped.
                return feed.attach(pullSubject: "$JS.API.CONSUMER.MSG.NEXT.\(stream).\(name)", identity: name)
            } catch {
                await feed.pause(milliseconds: patience.failed(error))
            }
        }
    }

    /// - Returns: the name the server gave it.
    private func makeConsumer(from sequence: UInt64) async throws(StreamAPI.Refusal) -> String {
        let answer = try await StreamAPI.call(
            transport, "CONSUMER.CREATE.\(stream)",
            StreamAPI.object([
                "stream_name": .string(stream),
                "config": StreamAPI.object([
                    "deliver_policy": .string("by_start_sequence"),
                    "opt_start_seq": .integer(Int(clamping: sequence)),
                    "ack_policy": .string("none"),
                    "replay_policy": .string("instant"),
                    "inactive_threshold": .integer(30_000_000_000),
                    // Nothing about it is worth a disk write, nor a copy on another server.
                    "mem_storage": .bool(true),
                    "num_replicas": .integer(1),
                ]),
            ]))
        guard let name = answer["name"].string else { throw .refused(code: 0, text: "no consumer name") }
        return name
    }
}
