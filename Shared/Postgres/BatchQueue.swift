import Primitives

/// Where an item of a `Batcher` waits.
enum BatchLane: Sendable, Hashable {
    /// With all others.
    case common
    /// For keys that others hold: one batch at a time, each of one key.
    case held
}

/// What the queue goes by: the key that an element needs for itself, and until when it is of use.
protocol BatchQueueElement {
    var key: Identifier { get }
    var deadline: ContinuousClock.Instant? { get }
}

/// Who waits for a batch and who leads: every decision of `Batcher`, without anything happening.
///
/// A key enters the lane `held` when its rows could not be had, and leaves it when a batch of it went through and no
/// other member of it waits there.
struct BatchQueue<Element: BatchQueueElement> {
    private let batchLimit: Int
    private let concurrency: Int
    private let waitingLimit: Int
    private var inFlight = 0
    private var waiting: [Element] = []
    private var isHeldInFlight = false
    private var waitingHeld: [Element] = []
    private var heldKeys: Set<Identifier> = []

    init(batchLimit: Int, concurrency: Int, waitingLimit: Int) {
        self.batchLimit = batchLimit
        self.concurrency = concurrency
        self.waitingLimit = waitingLimit
    }

    /// What becomes of an element that comes.
    enum Entry: Equatable {
        case leads(BatchLane)
        case waits
        /// Too many wait already.
        case refused
    }

    /// Lets `element` lead or wait.
    mutating func enter(_ element: Element) -> Entry {
        if let lane = take(element.key) { return .leads(lane) }
        guard waiting.count + waitingHeld.count < waitingLimit else { return .refused }
        if isHeld(element.key) { waitingHeld.append(element) } else { waiting.append(element) }
        return .waits
    }

    /// The lane that an item of `key` leads at once; `nil` when it would have to wait.
    mutating func take(_ key: Identifier) -> BatchLane? {
        if isHeld(key) {
            guard !isHeldInFlight else { return nil }
            isHeldInFlight = true
            return .held
        }
        guard inFlight < concurrency else { return nil }
        inFlight += 1
        return .common
    }

    private func isHeld(_ key: Identifier) -> Bool { !heldKeys.isEmpty && heldKeys.contains(key) }

    /// Takes out those who go with an item of `key` that leads in `lane`, and those who waited too long.
    mutating func followers(of key: Identifier, in lane: BatchLane, now: ContinuousClock.Instant) -> (
        followers: [Element], late: [Element]
    ) {
        switch lane {
        case .common:
            guard !waiting.isEmpty else { return ([], []) }
            let taken = waiting.prefix(batchLimit - 1)
            waiting.removeFirst(taken.count)
            return split(taken, now: now)
        case .held:
            let mine = waitingHeld.filter { $0.key == key }.prefix(batchLimit - 1)
            var left = mine.count
            waitingHeld.removeAll { element in
                guard left > 0, element.key == key else { return false }
                left -= 1
                return true
            }
            return split(mine, now: now)
        }
    }

    private func split(_ elements: some Collection<Element>, now: ContinuousClock.Instant) -> (
        followers: [Element], late: [Element]
    ) {
        func isLate(_ element: Element) -> Bool { element.deadline.map { $0 <= now } ?? false }
        guard elements.contains(where: isLate) else { return (Array(elements), []) }
        return (elements.filter { !isLate($0) }, elements.filter(isLate))
    }

    /// A batch of `lane` is over.
    ///
    /// - Parameters:
    ///   - served: the key of whoever led it.
    ///   - held: members that wait again, because others hold their keys.
    ///   - keys: the keys that others hold.
    /// - Returns: who leads next, and where.
    mutating func leave(_ lane: BatchLane, served: Identifier, held: [Element], keys: Set<Identifier>) -> [(
        Element, BatchLane
    )] {
        var next: [(Element, BatchLane)] = []
        if !keys.isEmpty {
            heldKeys.formUnion(keys)
            // What waits with all others for such a key would only hold them up again.
            waitingHeld += held + waiting.filter { keys.contains($0.key) }
            waiting.removeAll { keys.contains($0.key) }
        }
        switch lane {
        case .held:
            isHeldInFlight = false
            if !keys.contains(served), !waitingHeld.contains(where: { $0.key == served }) { heldKeys.remove(served) }
        case .common:
            if waiting.isEmpty { inFlight -= 1 } else { next.append((waiting.removeFirst(), .common)) }
        }
        if !isHeldInFlight, !waitingHeld.isEmpty {
            isHeldInFlight = true
            next.append((waitingHeld.removeFirst(), .held))
        }
        return next
    }
}
