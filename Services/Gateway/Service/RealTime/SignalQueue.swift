import Contracts
import Messaging
import Primitives

/// A page of messages that a room's feed needs.
struct PageRequest: Sendable {
    var orderID: Identifier
    /// The number of the hub's room that needs it.
    var room: Int
    var after: Int
    /// For whom; `nil` for all live members.
    var member: LiveSocket?
}

/// What is handed to the room hub from elsewhere, in order: the transport's thread and the event loops only add to it.
struct SignalQueue: Sendable {
    /// Bounded: a signal over the bound is dropped, and the next comparison of heads finds the gap.
    let signals: AsyncStream<RoomSignal>
    private let signalSource: AsyncStream<RoomSignal>.Continuation
    /// Bounded by the number of sockets, feeds and subscriptions: each has at most a few under way.
    let chores: AsyncStream<Chore>
    private let choreSource: AsyncStream<Chore>.Continuation

    enum Chore: Sendable {
        case closed(LiveSocket)
        case fetch(PageRequest)
        case retire(any TransportSubscription)
        case compareHeads
    }

    init() {
        (signals, signalSource) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(16_384))
        (chores, choreSource) = AsyncStream.makeStream()
    }

    /// No more are handed out.
    func endSignals() { signalSource.finish() }

    func add(_ signal: RoomSignal) { signalSource.yield(signal) }
    func request(_ page: PageRequest) { choreSource.yield(.fetch(page)) }
    func retire(_ subscription: any TransportSubscription) { choreSource.yield(.retire(subscription)) }
    func closed(_ socket: LiveSocket) { choreSource.yield(.closed(socket)) }
    func linkIsUp() { choreSource.yield(.compareHeads) }
}
