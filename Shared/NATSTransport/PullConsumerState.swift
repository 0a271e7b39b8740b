import Messaging

/// What a feed knows and decides. It sends nothing and wakes nobody; `PullConsumer` does.
struct PullConsumerState {
    /// detached ⇄ attached → draining → stopped; detached → stopped.
    enum Phase: Equatable {
        /// The consumer is in doubt.
        case detached
        case attached(pullSubject: String)
        /// No more is asked for; what was delivered is still handed out.
        case draining
        case stopped
    }

    private(set) var phase = Phase.detached
    private var plan: PullPlan
    private let concurrency: Int
    /// What the feed is, or was last, attached to.
    private var identity = ""
    /// Whether it is certain that it is attached to that; acknowledgements wait until then.
    private var isConfirmed = false
    /// Delivered and not handed out.
    private var waiting: [StreamDelivery] = []
    /// How many are handed out and not finished.
    private var running = 0
    /// Delivered and not finished: when the stream last heard of it, by acknowledgement subject.
    private var held: [String: Int64] = [:]
    /// Acknowledgements to be sent; they wait while the consumer is in doubt.
    private var unsent: [(subject: String, word: String)] = []
    /// The last message after the end of the subscription has come.
    private var isDrained = false
    /// When not to wait for that any longer.
    private var giveUp = Int64.max

    init(concurrency: Int) {
        self.concurrency = concurrency
        plan = PullPlan(window: min(256, max(16, concurrency * 2)))
    }

    var isEnding: Bool { phase == .draining || phase == .stopped }

    // MARK: Inputs

    mutating func attach(pullSubject: String, identity: String) {
        if self.identity != identity {
            forgetWaiting()
            // What is running may still be finished, but its acknowledgement means nothing any more: a time that never
            // comes.
            held = held.mapValues { _ in .max }
            unsent = []
        }
        self.identity = identity
        isConfirmed = false
        if !isEnding { phase = .attached(pullSubject: pullSubject) }
    }

    /// What is delivered is of the identity attached to.
    mutating func confirm() { isConfirmed = true }

    mutating func detach() {
        plan.reset()
        isConfirmed = false
        if isEnding { end() } else { phase = .detached }
    }

    /// - Returns: false when it comes too late and should be given back.
    mutating func delivered(_ delivery: StreamDelivery, now: Int64) -> Bool {
        guard phase != .stopped else { return false }
        plan.delivered(now: now)
        waiting.append(delivery)
        held[delivery.acknowledgement] = now
        return true
    }

    mutating func finished(_ delivery: StreamDelivery, word: String) {
        plan.finished()
        running -= 1
        let isKnown = held.removeValue(forKey: delivery.acknowledgement) ?? .max < .max
        if isKnown { unsent.append((delivery.acknowledgement, word)) }
    }

    /// The server's status about pull `number`.
    mutating func told(_ status: Int, pull number: UInt64, now: Int64) {
        switch status {
        case 100: plan.heard(number, now: now)
        // Nothing came in its time, which is in order.
        case 404, 408: _ = plan.ended(number)
        // 409: the consumer was deleted, the server is going down, and the like. 503: nobody answers for the consumer.
        default: if plan.ended(number) { detach() }
        }
    }

    /// - Returns: deliveries of which the stream should be told that the work goes on. It waits for 30 s before it
    ///   delivers again, and is told every 10.
    mutating func tick(now: Int64) -> [String] {
        if case .attached = phase, plan.isSilent(now: now) { detach() }
        if now >= giveUp { isDrained = true }
        guard isConfirmed else { return [] }
        let slow = held.filter { $0.value <= now - 10_000_000_000 }.map(\.key)
        for subject in slow { held[subject] = now }
        return slow
    }

    /// No more is wanted. What was delivered is still to be handed out.
    mutating func stop(now: Int64) {
        if case .attached = phase { phase = .draining } else if phase != .draining { end() }
        giveUp = min(giveUp, now + 3_000_000_000)
    }

    mutating func drained() { isDrained = true }

    // MARK: Outputs

    /// What the task should do now; `nil` when it should wait.
    mutating func next() -> PullConsumer.Next? {
        if phase == .draining, isDrained, waiting.isEmpty { end() }
        switch phase {
        case .stopped: return .stopped
        case .detached: return .detached
        case .attached, .draining: break
        }
        guard running < concurrency, !waiting.isEmpty else { return nil }
        running += 1
        return .delivery(waiting.removeFirst())
    }

    mutating func nextPull(now: Int64) -> (subject: String, pull: PullPlan.Pull)? {
        guard case .attached(let subject) = phase, let pull = plan.next(now: now) else { return nil }
        return (subject, pull)
    }

    /// The acknowledgements to send now.
    mutating func takeUnsent() -> [(subject: String, word: String)] {
        guard !unsent.isEmpty, isConfirmed else { return [] }
        defer { unsent = [] }
        return unsent
    }

    /// These could not be sent.
    mutating func putBack(_ acknowledgements: some Sequence<(subject: String, word: String)>) {
        unsent += acknowledgements
    }

    private mutating func end() {
        phase = .stopped
        forgetWaiting()
    }

    private mutating func forgetWaiting() {
        plan.drop(waiting.count)
        for delivery in waiting { held[delivery.acknowledgement] = nil }
        waiting = []
    }
}
