import CNats

/// The C library's side of one subscription on one connection.
///
/// `@unchecked Sendable`: `pointer` never changes and the library's functions on a subscription may be called from any thread. It is destroyed in
/// `deinit`, which `Link` puts off for some seconds after the end of the subscription: this version of the library may still touch one that
/// ends while a message arrives.
final class SubscriptionHandle: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer, completed: natsOnCompleteCB, closure: UnsafeMutableRawPointer) {
        self.pointer = pointer
        natsSubscription_SetOnCompleteCB(pointer, completed, closure)
    }

    deinit { natsSubscription_Destroy(pointer) }

    /// Ends it; messages received and not handed out yet are dropped.
    func unsubscribe() { natsSubscription_Unsubscribe(pointer) }

    /// Ends it after the messages received, and those the server sends until it knows, are handed out. Ends it at once when that cannot be.
    func drain(milliseconds: Int64) {
        if natsSubscription_DrainTimeout(pointer, milliseconds) != NATS_OK { unsubscribe() }
    }
}
