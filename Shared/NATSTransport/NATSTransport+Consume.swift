package import Messaging
import Threads

extension NATSTransport {
    /// Pulls from the durable consumer, which provisioning makes and which is waited for. See `PullConsumer` for what
    /// is certain about acknowledgements, `PullPlan` for when it asks for more.
    package func consume(
        _ consumer: String, concurrency: Int, missed: @escaping @Sendable () -> Void,
        handler: @escaping @Sendable (StreamEvent) async -> EventDisposition
    ) async throws(TransportError) {
        let feed = PullConsumer(link: link, inbox: feedInbox(), concurrency: concurrency)
        try feed.open(cut: cut)
        defer { feed.close() }
        await untilStopped {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { [self] in await watch(consumer, missed) }
                await withDiscardingTaskGroup { group in
                    while true {
                        switch await feed.next() {
                        case .delivery(let delivery):
                            group.addTask { feed.finish(delivery, await handler(delivery.event)) }
                        case .detached: await attach(feed, to: consumer)
                        case .stopped: return
                        }
                    }
                }
                group.cancelAll()
            }
        } stop: {
            feed.stop()
        }
    }

    /// Looks every ten seconds whether the stream has dropped what the consumer had not finished. A look that fails is
    /// made up for by the next.
    private func watch(_ consumer: String, _ missed: @Sendable () -> Void) async {
        let stream = link.configuration.stream
        var watch = ConsumerWatch()
        while !Task.isCancelled {
            if link.connection != nil, let info = try? await StreamAPI.call(self, "STREAM.INFO.\(stream)"),
                let state = StreamState(info: info),
                let place = (try? await StreamAPI.call(self, "CONSUMER.INFO.\(stream).\(consumer)")).flatMap(
                    ConsumerState.init(info:))
            {
                link.counters.note(StreamUse(info: info))
                if watch.look(state, place) {
                    link.counters.missedEvents.increment()
                    missed()
                }
                try? await Pause.sleep(for: .seconds(10))
            } else {
                try? await Pause.sleep(for: .seconds(1))
            }
        }
    }

    /// Looks for the consumer until it is there or the feed is stopped. Provisioning may be under way, so its absence
    /// is no error for a while.
    private func attach(_ feed: PullConsumer, to consumer: String) async {
        let name = "\(link.configuration.stream).\(consumer)"
        var patience = Patience(log: link.logger, subject: "consumer", name: name)
        while !feed.isStopped {
            if link.connection == nil {
                await feed.pause(milliseconds: 1000, wakesOnLink: true)
                continue
            }
            do throws(StreamAPI.Refusal) {
                _ = try await StreamAPI.call(self, "CONSUMER.INFO.\(name)", timeout: patience.timeout)
                // The stream's time of creation and not the consumer's: 2.9 gives the latter differently before and
                // after a restart, and an acknowledgement to a consumer made anew on the same stream still means the
                // same event.
                let state = try await StreamState.now(self, timeout: patience.timeout)
                feed.attach(pullSubject: "$JS.API.CONSUMER.MSG.NEXT.\(name)", identity: state.created)
                // Another stream may have taken the place of the one looked at before it was asked for events: only now
                // it is certain of which one they are.
                let later = try await StreamState.now(self, timeout: patience.timeout)
                if later.created == state.created { return feed.confirm() }
                feed.detach()
            } catch {
                feed.detach()
                await feed.pause(milliseconds: patience.failed(error))
            }
        }
    }

    /// A subject of ours for one feed: one token more than those of answers, so that the two never mix.
    func feedInbox() -> String { "\(inbox)feed.\(String(UInt64.random(in: 0...UInt64.max), radix: 36))." }
}
