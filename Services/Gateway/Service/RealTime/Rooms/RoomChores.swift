import Contracts
import Messaging
import Primitives
import ServiceLifecycle
import Synchronization

/// A page of messages that a room's feed needs.
struct PageRequest: Sendable {
    var orderID: Identifier
    /// The number of the shard's room that needs it.
    var room: Int
    var after: Int
    /// For whom; `nil` for all live members.
    var member: LiveSocket?
}

/// What the steps of rooms call for and do not wait for.
struct RoomChores: Sendable {
    enum Chore: Sendable {
        case fetch(PageRequest)
        case leave(LiveSocket, Identifier)
        case retire(any TransportSubscription)
        case compareHeads
        case linkIsUp
        /// Done after each interval for as long as it says so.
        case repeating(Duration, _ body: @Sendable () async -> Bool)
    }

    /// Bounded by the number of sockets in rooms, feeds and subscriptions: each has at most a few under way.
    private let stream: AsyncStream<Chore>
    private let source: AsyncStream<Chore>.Continuation

    init() { (stream, source) = AsyncStream.makeStream() }

    func add(_ chore: Chore) { source.yield(chore) }

    /// Hands out what comes, at the same time. When told to stop it ends at once: nobody is left to get what is asked
    /// for.
    func each(_ carryOut: @escaping @Sendable (Chore) async -> Void) async {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for await chore in stream {
                    if case .leave = chore {
                        // Soon done, and worth no task.
                        await carryOut(chore)
                    } else {
                        group.addTask { await carryOut(chore) }
                    }
                }
            }
        }
    }
}

/// How many signals of other gateways were passed over.
final class SignalCount: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    func add() { count.wrappingAdd(1, ordering: .relaxed) }
}

/// Signals on their way from the transport's thread to a shard, in order.
struct RoomSignals: Sendable {
    enum Signal: Sendable {
        case room(RoomSignal)
        case gateway(GatewaySignal)
    }

    /// Bounded: a signal over the bound is dropped, and the next comparison of heads finds the gap; lists of who is
    /// there come again.
    private let stream: AsyncStream<Signal>
    private let source: AsyncStream<Signal>.Continuation

    init() { (stream, source) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(16_384)) }

    func add(_ signal: Signal) { source.yield(signal) }

    /// Hands them out one after another, until told to stop; those that have come by then are handed out first.
    func each(_ receive: @Sendable (Signal) async -> Void) async {
        await withGracefulShutdownHandler {
            for await signal in stream { await receive(signal) }
        } onGracefulShutdown: {
            source.finish()
        }
    }
}
