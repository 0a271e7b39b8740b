import DequeModule
import Threads

/// Work that waits for a connection, first come first served.
struct WorkQueue {
    private var work: Deque<Work> = []

    var count: Int { work.count }

    var isEmpty: Bool { work.isEmpty }

    mutating func append(_ new: Work) { work.append(new) }

    mutating func popFirst() -> Work? { work.popFirst() }

    mutating func remove(_ ticket: Work.Ticket) -> Work? {
        work.firstIndex { $0.ticket === ticket }.map { work.remove(at: $0) }
    }

    /// Takes out what is past its deadline, all of it if `deadline` is `nil`.
    mutating func removeExpired(at now: Deadline?) -> [Work] {
        let isExpired = { (work: Work) in now.map { work.deadline <= $0 } ?? true }
        let expired = work.filter(isExpired)
        if !expired.isEmpty { work.removeAll(where: isExpired) }
        return Array(expired)
    }

    var earliestDeadline: Deadline? { work.lazy.map(\.deadline).min() }
}
