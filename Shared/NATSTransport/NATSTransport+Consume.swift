package import Messaging
import Primitives
import ServiceLifecycle

extension NATSTransport {
    package func consume(
        _ consumer: String, concurrency: Int, handler: @escaping @Sendable (StreamEvent) async -> EventDisposition
    ) async throws(TransportError) {
        let feed = Feed(link: link, inbox: feedInbox(), concurrency: concurrency, acknowledges: true)
        feed.open(cut: cut)
        defer { feed.close() }
        await untilStopped {
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
        } stop: {
            feed.stop()
        }
    }

    /// Looks for the consumer until it is there or the feed is stopped. Provisioning may be under way, so its absence is no error for a while.
    private func attach(_ feed: Feed, to consumer: String) async {
        let name = "\(link.configuration.stream).\(consumer)"
        var patience = Patience(log: link.logger, subject: "consumer", name: name)
        while !feed.isStopped {
            if link.connection == nil {
                await feed.pause(milliseconds: 1000, wakesOnLink: true)
                continue
            }
            do throws(StreamAPI.Refusal) {
                let info = try await StreamAPI.call(self, "CONSUMER.INFO.\(name)", timeout: patience.timeout)
                guard let created = info["created"].string else { throw .refused(code: 0, text: "no creation time") }
                return feed.attach(pullSubject: "$JS.API.CONSUMER.MSG.NEXT.\(name)", identity: created)
            } catch {
                await feed.pause(milliseconds: patience.failed(error))
            }
        }
    }

    /// A subject of ours for one feed: one token more than those of answers, so that the two never mix.
    func feedInbox() -> String { "\(inbox)feed.\(String(UInt64.random(in: 0...UInt64.max), radix: 36))." }
}
