import Messaging
import Synchronization

/// One subscription of a `MemoryTransport`. The handler runs on the thread of a publisher, one message at a time and in
/// order, and outside any lock, so that it may publish itself.
final class MemoryMailbox: TransportSubscription {
    let pattern: String
    private let hub: MemoryHub
    private let handler: @Sendable (_ subject: String, _ message: Envelope) -> Void
    private let isReachable: @Sendable () -> Bool
    private let state = Mutex(State())

    private struct State {
        var isOpen = true
        var messages: [Received] = []
        /// Somebody is calling the handler; what comes meanwhile is called by the same.
        var isBusy = false
        var whenIdle: [CheckedContinuation<Void, Never>] = []
    }

    private struct Received {
        var subject: String
        var message: Envelope
    }

    init(
        pattern: String, hub: MemoryHub, handler: @escaping @Sendable (_ subject: String, _ message: Envelope) -> Void,
        isReachable: @escaping @Sendable () -> Bool
    ) {
        self.pattern = pattern
        self.hub = hub
        self.handler = handler
        self.isReachable = isReachable
    }

    func deliver(_ subject: String, _ message: Envelope) {
        guard isReachable() else { return }
        let isMine = state.withLock { state in
            guard state.isOpen else { return false }
            state.messages.append(Received(subject: subject, message: message))
            defer { state.isBusy = true }
            return !state.isBusy
        }
        guard isMine else { return }
        while let received = next() { handler(received.subject, received.message) }
    }

    private func next() -> Received? {
        let (message, idle) = state.withLock { state -> (Received?, [CheckedContinuation<Void, Never>]) in
            if state.isOpen, !state.messages.isEmpty { return (state.messages.removeFirst(), []) }
            state.isBusy = false
            defer { state.whenIdle = [] }
            return (nil, state.whenIdle)
        }
        for continuation in idle { continuation.resume() }
        return message
    }

    func cancel() async {
        hub.remove(self)
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                state.isOpen = false
                state.messages = []
                if state.isBusy { state.whenIdle.append(continuation) }
                return !state.isBusy
            }
            if isIdle { continuation.resume() }
        }
    }
}
