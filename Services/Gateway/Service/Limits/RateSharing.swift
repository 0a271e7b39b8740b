import Contracts
import Messaging
import ServiceLifecycle
import Threads

/// Tells the other gateways what this one has allowed, and hears what they have: together they let a client have its
/// budget once, to within a hundredth for each gateway and what is asked in the time that a signal takes.
///
/// What is not heard while the message server is away is not told again: each gateway then keeps the budgets by itself.
struct RateSharing: Service {
    /// Over which what is to be told is gathered, so that a burst is few signals.
    private static let pace = Duration.milliseconds(20)
    /// Signals that may wait to be counted; one more is passed over.
    private static let limit = 256

    let id: GatewayID
    let limiter: RateLimiter
    let transport: any Transport

    func run() async throws {
        let (heard, source) = AsyncStream<Envelope>.makeStream(bufferingPolicy: .bufferingOldest(Self.limit))
        let subscription = await cancelWhenGracefulShutdown { () -> (any TransportSubscription)? in
            let subscription = await listen(source)
            await withDiscardingTaskGroup { group in
                group.addTask {
                    for await message in heard { count(message) }
                }
                for await _ in limiter.reports.wishes {
                    try? await Pause.sleep(for: Self.pace)
                    tell()
                }
            }
            return subscription
        }
        await subscription?.cancel()
    }

    /// - Returns: `nil` when told to stop.
    private func listen(_ source: AsyncStream<Envelope>.Continuation) async -> (any TransportSubscription)? {
        while !Task.isCancelled {
            let subscription = try? await transport.subscribe(RateSignal.subject) { _, message in
                source.yield(message)
            }
            if let subscription { return subscription }
            try? await Pause.sleep(for: .milliseconds(200))
        }
        return nil
    }

    private func count(_ message: Envelope) {
        guard let signal = RateSignal(message), signal.gateway != id else { return }
        for use in signal.uses {
            if let key = RateKey(use.key) { limiter.add(use.count, to: key) }
        }
    }

    private func tell() {
        let uses = limiter.reports.takeAll()
        guard !uses.isEmpty else { return }
        try? transport.publish(RateSignal.subject, RateSignal(of: id, uses).envelope)
    }
}
