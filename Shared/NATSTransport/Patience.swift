import Logging
import Threads

/// How long to wait before the next try at something the server has not got yet, and when to say so: after the first
/// failure, then each minute.
struct Patience {
    private let log: Logger
    private let subject: String
    private let name: String
    private var failures = 0
    private var saidAt: Int64?

    init(log: Logger, subject: String, name: String) {
        self.log = log
        self.subject = subject
        self.name = name
    }

    /// How long to wait for an answer: a server just started may swallow a question, so little at first.
    var timeout: Duration { .milliseconds(400 << min(failures, 3)) }

    /// Milliseconds to wait: 100 doubling to 1000.
    mutating func failed(_ error: StreamAPI.Refusal) -> Int64 {
        failures += 1
        let now = monotonicNow()
        if now - (saidAt ?? .min / 2) > 60_000_000_000 {
            saidAt = now
            log.warning(
                "waiting for the event stream",
                metadata: [subject: "\(name)", "reason": "\(error.asTransportError)", "attempts": "\(failures)"])
        }
        return min(1000, 50 << Int64(min(failures, 5)))
    }
}
