import Messaging
import Synchronization

/// The requests taken by one `serve` of a `MemoryTransport`.
final class MemoryIntake: Sendable {
    /// A request in work, and the way back to its caller.
    struct Request: Sendable {
        var subject: String
        var message: Envelope
        var answer: @Sendable (Envelope) -> Void
    }

    /// Bounded by `limit`, which counts what is in it.
    let requests: AsyncStream<Request>
    /// Whether the server's own link is up.
    let isReachable: @Sendable () -> Bool
    private let limit: Int
    private let refusal: Envelope
    private let taken = Atomic<Int>(0)
    private let continuation: AsyncStream<Request>.Continuation

    init(limit: Int, refusal: Envelope, isReachable: @escaping @Sendable () -> Bool) {
        self.limit = limit
        self.refusal = refusal
        self.isReachable = isReachable
        (requests, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(limit))
    }

    /// False when it has been closed meanwhile.
    func deliver(_ subject: String, _ message: Envelope, answer: @escaping @Sendable (Envelope) -> Void) -> Bool {
        guard taken.wrappingAdd(1, ordering: .relaxed).newValue <= limit else {
            taken.wrappingSubtract(1, ordering: .relaxed)
            answer(refusal)
            return true
        }
        if case .enqueued = continuation.yield(Request(subject: subject, message: message, answer: answer)) {
            return true
        }
        return false
    }

    func finish(_ request: Request, _ answer: Envelope) {
        taken.wrappingSubtract(1, ordering: .relaxed)
        // An answer given while the link is down is lost.
        if isReachable() { request.answer(answer) }
    }

    /// What has been taken is still given out.
    func close() { continuation.finish() }
}
