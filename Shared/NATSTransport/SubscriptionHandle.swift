import CNats
import Synchronization
import Threads

/// The C library's side of one subscription on one connection.
///
/// `@unchecked Sendable`: `pointer` never changes and the library's functions on a subscription may be called from any
/// thread. It is destroyed in `deinit`, and whoever lets go of one takes it to the `Graveyard` first.
final class SubscriptionHandle: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// One whose messages the library hands out.
    init(_ pointer: OpaquePointer, completed: natsOnCompleteCB, closure: UnsafeMutableRawPointer) {
        self.pointer = pointer
        natsSubscription_SetOnCompleteCB(pointer, completed, closure)
    }

    /// One whose messages are asked for by `next`.
    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    /// What is there of a subscription that is asked.
    enum Next {
        /// To be destroyed by whoever gets it.
        case message(IncomingMessage)
        case none
        /// No more will come.
        case ended
    }

    /// The next message that has been read; never waits.
    func next() -> Next {
        var message: OpaquePointer?
        // Looked at first: what had come by then is handed out yet. Of one that does not drain this is an error.
        let isDrained = natsSubscription_DrainCompletionStatus(pointer) != NATS_ILLEGAL_STATE
        while true {
            switch natsSubscription_NextMsg(&message, pointer, 0) {
            case NATS_OK: return message.map { .message(IncomingMessage(pointer: $0)) } ?? .none
            // The first is told to the error handler too; the second, that nobody serves some request, and not which,
            // concerns no listener of this kind.
            case NATS_SLOW_CONSUMER, NATS_NO_RESPONDERS: continue
            case NATS_TIMEOUT: return isDrained ? .ended : .none
            default: return .ended
            }
        }
    }

    deinit { natsSubscription_Destroy(pointer) }

    /// Ends it; messages received and not handed out yet are dropped.
    func unsubscribe() { natsSubscription_Unsubscribe(pointer) }

    /// Ends it after the messages received, and those the server sends until it knows, are handed out. Ends it at once
    /// when that cannot be.
    func drain(milliseconds: Int64) {
        if natsSubscription_DrainTimeout(pointer, milliseconds) != NATS_OK { unsubscribe() }
    }
}

/// Where handles of ended subscriptions wait for some seconds before they are destroyed: this version of the library
/// may still touch one that ends while a message arrives.
enum Graveyard {
    private static let graves = Mutex<[(until: Int64, handle: SubscriptionHandle)]>([])

    static func bury(_ handle: SubscriptionHandle) {
        graves.withLock { $0.append((monotonicNow() + 5_000_000_000, handle)) }
    }

    /// Destroys those whose time is over; called by the links now and then.
    static func clear(now: Int64) {
        let gone = graves.withLock { graves in
            // They are in the order of their times.
            let count = graves.firstIndex { $0.until > now } ?? graves.count
            defer { graves.removeFirst(count) }
            return Array(graves.prefix(count))
        }
        // The last reference goes here, outside the lock.
        _ = consume gone
    }
}
