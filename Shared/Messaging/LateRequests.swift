package import Logging
import Synchronization

/// Counts requests that came when nobody waited for their answer any more, and logs them: one line a second at most,
/// however many there are.
package final class LateRequests: Sendable {
    private struct State {
        var total = 0
        var unlogged = 0
        var lastLogged: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let logger: Logger

    /// - Parameter logger: gets a warning with the number dropped since the one before.
    package init(logger: Logger) { self.logger = logger }

    /// Since the start.
    package var total: Int { state.withLock { $0.total } }

    func count(_ subject: String, _ context: CallContext) {
        let now = ContinuousClock.now
        let toLog = state.withLock { state -> Int? in
            state.total += 1
            state.unlogged += 1
            if let last = state.lastLogged, now < last + .seconds(1) { return nil }
            state.lastLogged = now
            defer { state.unlogged = 0 }
            return state.unlogged
        }
        guard let toLog else { return }
        logger.warning(
            "requests dropped: nobody waits for their answers any more",
            metadata: ["subject": "\(subject)", "request.id": "\(context.requestID)", "count": "\(toLog)"])
    }
}
