import Synchronization

/// Keeps a flood of refusals from becoming a flood of lines: of what the same user or network does, the first within a
/// minute is told, the others are counted, and their number is told when the minute is over.
///
/// It remembers at most `limit` of them. When strangers are more they are counted together, so that the lines of one
/// minute are bounded whoever sends from wherever.
package final class SecurityRepeats: Sendable {
    /// What was left out within a minute.
    package struct Repeated: Equatable {
        package var event: SecurityEvent
        /// A user's id, a client's network, or `many`.
        package var who: String
        package var count: Int
    }

    private struct Key: Hashable {
        var event: SecurityEvent
        /// ASCII of ours: an id, an address, or `many`.
        var who: String
    }

    private struct Entry {
        var end: ContinuousClock.Instant
        var count = 0
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var nextSweep: ContinuousClock.Instant
    }

    private let state: Mutex<State>
    private let limit: Int
    private let period: Duration
    private let now: @Sendable () -> ContinuousClock.Instant

    package init(
        limit: Int = 500, period: Duration = .seconds(60),
        now: @escaping @Sendable () -> ContinuousClock.Instant = {
            .now
        }
    ) {
        self.limit = limit
        self.period = period
        self.now = now
        state = Mutex(State(nextSweep: now() + period))
    }

    /// - Returns: whether a line is to be written, and what has to be told before it because its time is over.
    package func admit(_ event: SecurityEvent, by who: String) -> (isNew: Bool, told: [Repeated]) {
        let now = now()
        return state.withLock { state in
            var told: [Repeated] = []
            if now >= state.nextSweep {
                told = Self.takeEnded(&state, now)
                state.nextSweep = now + period
            }
            var key = Key(event: event, who: who)
            if state.entries[key] == nil, state.entries.count >= limit { key.who = "many" }
            if var entry = state.entries[key] {
                if now < entry.end {
                    entry.count += 1
                    state.entries[key] = entry
                    return (false, told)
                }
                if entry.count > 0 { told.append(Repeated(event: event, who: key.who, count: entry.count)) }
            }
            state.entries[key] = Entry(end: now + period)
            return (true, told)
        }
    }

    /// All that was left out and is not told yet; the next of each kind is told again.
    package func takeAll() -> [Repeated] {
        state.withLock { state in Self.takeEnded(&state, nil) }
    }

    /// - Parameter now: only what has ended by then; all of it without.
    private static func takeEnded(_ state: inout State, _ now: ContinuousClock.Instant?) -> [Repeated] {
        var told: [Repeated] = []
        state.entries = state.entries.filter { key, entry in
            if let now, entry.end > now { return true }
            if entry.count > 0 { told.append(Repeated(event: key.event, who: key.who, count: entry.count)) }
            return false
        }
        return told.sorted { ($0.event.rawValue, $0.who) < ($1.event.rawValue, $1.who) }
    }
}
