import Messaging
import Synchronization

/// The requests that await their answer.
///
/// A caller is resumed by whoever takes its entry out of the table, and an entry is taken out once: so each is resumed
/// exactly once.
final class RequestTable: Sendable {
    typealias Answer = Result<Envelope, TransportError>

    private let limit: Int
    private let state = Mutex(State())

    private struct State {
        var waiting: [UInt64: Entry] = [:]
        /// None of them has to be ended before this.
        var earliest = Int64.max
    }

    private struct Entry {
        var continuation: UnsafeContinuation<Answer, Never>?
        /// On the clock of `monotonicNow()`.
        var deadline: Int64
        /// What came before the caller was suspended.
        var early: Answer?
    }

    init(limit: Int) { self.limit = limit }

    var count: Int { state.withLock { $0.waiting.count } }

    /// When `sweep` may have something to do; `nil` while nothing waits.
    var nextSweep: Int64? { state.withLock { $0.waiting.isEmpty ? nil : $0.earliest } }

    /// A token for a new request; `nil` when too many are waiting. Follow with `wait`.
    ///
    /// Tokens are drawn by the system's generator: who has seen any number of them cannot guess the next one, and so
    /// cannot answer a request that was not sent to them.
    func begin(deadline: Int64) -> UInt64? {
        let drawn = UInt64.random(in: .min ... .max)
        return state.withLock { state in
            guard state.waiting.count < limit else { return nil }
            var token = drawn
            while state.waiting[token] != nil { token = UInt64.random(in: .min ... .max) }
            state.earliest = min(state.waiting.isEmpty ? .max : state.earliest, deadline)
            state.waiting[token] = Entry(continuation: nil, deadline: deadline, early: nil)
            return token
        }
    }

    /// Suspends until the request of `token` is finished.
    func wait(_ token: UInt64) async -> Answer {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let early = state.withLock { state -> Answer? in
                    if let early = state.waiting[token]?.early {
                        state.waiting[token] = nil
                        return early
                    }
                    state.waiting[token]?.continuation = continuation
                    return nil
                }
                if let early { continuation.resume(returning: early) }
            }
        } onCancel: {
            finish(token, .failure(.failed("cancelled")))
        }
    }

    /// Gives the caller its answer; nothing happens when it has one already.
    func finish(_ token: UInt64, _ answer: Answer) {
        let continuation = state.withLock { state in Self.finish(token, answer, &state) }
        continuation?.resume(returning: answer)
    }

    /// Forgets a request that could not be sent.
    func abandon(_ token: UInt64) { state.withLock { state in state.waiting[token] = nil } }

    /// Ends every wait.
    func failAll(_ error: TransportError) { finish(.failure(error), where: { _ in true }) }

    /// Ends the waits whose time has come.
    func sweep(now: Int64) {
        guard let due = nextSweep, due <= now else { return }
        finish(.failure(.timeout), where: { $0.deadline <= now })
        state.withLock { state in
            state.earliest = state.waiting.values.reduce(.max) { min($0, $1.early == nil ? $1.deadline : .max) }
        }
    }

    private func finish(_ answer: Answer, where isMeant: (Entry) -> Bool) {
        let continuations = state.withLock { state in
            state.waiting.filter { isMeant($0.value) && $0.value.early == nil }.keys.compactMap {
                Self.finish($0, answer, &state)
            }
        }
        for continuation in continuations { continuation.resume(returning: answer) }
    }

    private static func finish(
        _ token: UInt64, _ answer: Answer, _ state: inout State
    ) -> UnsafeContinuation<Answer, Never>? {
        guard let entry = state.waiting[token], entry.early == nil else { return nil }
        if let continuation = entry.continuation {
            state.waiting[token] = nil
            return continuation
        }
        state.waiting[token]?.early = answer
        return nil
    }
}
