import Hummingbird
import NIOCore

/// What ends a connection whose client does not go on: with a head, with a body, or with reading its answers.
extension HTTPConnection {
    /// The timers of a connection and what they go by.
    struct Timers {
        /// When the first byte of a head came that is not complete.
        var headBegan: NIODeadline?
        fileprivate var deadline: Scheduled<Void>?
        fileprivate var deadlineAt = NIODeadline.distantFuture
        fileprivate var writeWatch: RepeatedTask?
        /// Bytes that waited for the client when it was looked at last.
        fileprivate var unsent = 0
        /// How often in a row it had taken hardly any.
        fileprivate var stalls = 0
        /// The same when the deadline was looked at last.
        fileprivate var lastUnsent = 0
    }

    func endTimers() {
        timers.deadline?.cancel()
        timers.deadline = nil
        endWriteWatch()
    }

    func noteActivity() { lastActive = context?.eventLoop.now ?? lastActive }

    func headHasBegun() {
        guard timers.headBegan == nil else { return }
        timers.headBegan = context?.eventLoop.now
        scheduleDeadline()
    }

    // MARK: Reading

    /// By when the client must have gone on; `nil` while the next step is ours.
    private var due: NIODeadline? {
        switch phase {
        case .upgraded, .closed, .deciding, .waiting, .resting: nil
        case .idle:
            min(
                timers.headBegan.map { $0 + configuration.headTimeout } ?? .distantFuture,
                // Half a request is none.
                hasServed
                    ? timers.headBegan == nil ? lastActive + configuration.idleTimeout : .distantFuture
                    : lastActive + configuration.firstRequestTimeout)
        case .serving: bodyWaiter == nil ? nil : exchange?.bodyDeadline
        case .skimming, .draining, .closing: lastActive + configuration.idleTimeout
        }
    }

    /// Has the deadline looked at no later than it is due. One that is moved back is found out when the timer fires.
    func scheduleDeadline() {
        guard let context else { return }
        let now = context.eventLoop.now
        // While the next step is ours there is nothing to be due.
        let moment = due ?? now + configuration.firstRequestTimeout
        if timers.deadline != nil, timers.deadlineAt <= moment { return }
        timers.deadline?.cancel()
        timers.deadlineAt = moment
        timers.deadline = context.eventLoop.assumeIsolated().scheduleTask(deadline: max(moment, now + .milliseconds(1)))
        {
            self.timers.deadline = nil
            self.deadlineFired()
        }
    }

    private func deadlineFired() {
        guard let context else { return }
        switch phase {
        case .upgraded, .closed: return
        default: break
        }
        guard let due, due <= context.eventLoop.now else { return scheduleDeadline() }
        switch phase {
        case .idle where timers.headBegan != nil: refuse(.tooSlow, reader.partialHead)
        case .serving:
            exchange?.isBroken = true
            let waiter = bodyWaiter
            bodyWaiter = nil
            waiter?.resume(throwing: HTTPError(.requestTimeout))
            scheduleDeadline()
        default:
            if takesAnswers(context.channel) {
                noteActivity()
                scheduleDeadline()
            } else {
                context.close(promise: nil)
            }
        }
    }

    /// Whether there is something to send, and less than when this was asked before.
    private func takesAnswers(_ channel: any Channel) -> Bool {
        let unsent = Self.unsentBytes(channel)
        defer { timers.lastUnsent = unsent }
        return unsent > 0 && unsent != timers.lastUnsent
    }

    // MARK: Writing

    private static func unsentBytes(_ channel: any Channel) -> Int {
        (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// More waits for the client than a channel takes at once: it is watched until that is no longer so.
    func beginWriteWatch() {
        guard let context, timers.writeWatch == nil else { return }
        if case .upgraded = phase { return }
        timers.stalls = 0
        place?.awaitsClient(since: context.eventLoop.now)
        noteUnsent(Self.unsentBytes(context.channel))
        let isTooMuch = connections.holdsTooMuch
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        timers.writeWatch = context.eventLoop.scheduleRepeatedTask(
            initialDelay: isTooMuch ? .seconds(1) : configuration.writeCheck, delay: configuration.writeCheck
        ) { _ in bound.value.lookAtWriting() }
    }

    func endWriteWatch() {
        guard let watch = timers.writeWatch else { return }
        watch.cancel()
        timers.writeWatch = nil
        noteUnsent(0)
        if case .serving = phase { place?.isInWork() }
    }

    private func noteUnsent(_ bytes: Int) {
        connections.addUnsent(bytes - timers.unsent)
        timers.unsent = bytes
    }

    private func lookAtWriting() {
        guard let context else { return }
        let before = timers.unsent
        noteUnsent(Self.unsentBytes(context.channel))
        // Nothing is added to what waits while it does.
        let isStalled = before - timers.unsent < configuration.writeProgress
        timers.stalls = isStalled ? timers.stalls + 1 : 0
        let isTooMuch = connections.holdsTooMuch
        if timers.stalls >= 2 || isStalled && isTooMuch { abort() }
    }
}
