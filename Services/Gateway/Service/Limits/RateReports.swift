import Contracts
import Synchronization

/// What this gateway has allowed and the others are to be told, gathered until that is done.
final class RateReports: Sendable {
    private let pending = Mutex<[RateKey: Int]>([:])
    /// Says that there is something. One element says enough: whoever takes it tells all there is.
    let wishes: AsyncStream<Void>
    private let source: AsyncStream<Void>.Continuation

    init() { (wishes, source) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    /// Returns at once. What does not fit into one signal with the rest is passed over.
    func add(_ count: Int, of key: RateKey) {
        let isTaken = pending.withLock { pending in
            guard pending[key] != nil || pending.count < RateSignal.limit else { return false }
            pending[key, default: 0] += count
            return true
        }
        if isTaken { source.yield() }
    }

    /// All there is, which is gone from here then.
    func takeAll() -> [RateSignal.Use] {
        pending.withLock { pending in
            defer { pending = [:] }
            return pending.map { RateSignal.Use($0.key.text, $0.value) }
        }
    }
}
