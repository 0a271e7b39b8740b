/// Work that waits for a connection, first come first served.
struct WorkQueue {
    /// Taken work leaves a hole at the front, closed when half of it is holes: so taking costs the same however many
    /// wait.
    private var slots: [Work?] = []
    private var head = 0

    var count: Int { slots.count - head }

    var isEmpty: Bool { count == 0 }

    mutating func append(_ work: Work) { slots.append(work) }

    mutating func popFirst() -> Work? {
        guard head < slots.count else { return nil }
        let work = slots[head]
        slots[head] = nil
        head += 1
        if head * 2 > slots.count, head > 32 || head == slots.count {
            slots.removeFirst(head)
            head = 0
        }
        return work
    }

    mutating func remove(_ ticket: Work.Ticket) -> Work? {
        guard let index = slots.firstIndex(where: { $0?.ticket === ticket }) else { return nil }
        return slots.remove(at: index)
    }

    /// Takes out what is past its deadline, all of it if `deadline` is `nil`.
    mutating func removeExpired(at now: Deadline?) -> [Work] {
        var expired: [Work] = []
        var kept: [Work?] = []
        for work in slots[head...].compactMap({ $0 }) {
            if let now, work.deadline > now { kept.append(work) } else { expired.append(work) }
        }
        if !expired.isEmpty {
            slots = kept
            head = 0
        }
        return expired
    }

    var earliestDeadline: Deadline? { slots[head...].lazy.compactMap { $0?.deadline }.min() }
}
