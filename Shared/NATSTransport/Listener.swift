import CNats
import Glibc
import Messaging
import Synchronization

/// A message while the library lends it; good only inside `Listener.receive`.
struct IncomingMessage {
    let pointer: OpaquePointer

    /// As it came over the wire, with the subject prefix.
    var subject: UnsafePointer<CChar>? { natsMsg_GetSubject(pointer) }
    var reply: UnsafePointer<CChar>? { natsMsg_GetReply(pointer) }

    var bytes: UnsafeBufferPointer<UInt8> {
        let count = Int(natsMsg_GetDataLength(pointer))
        guard count > 0, let data = natsMsg_GetData(pointer) else { return UnsafeBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: data, count: count).assumingMemoryBound(to: UInt8.self)
    }

    /// The server's word that nobody serves the subject of a request.
    var saysNoResponders: Bool { natsMsg_IsNoResponders(pointer) }

    /// The server's status code in a message that carries nothing else (404, 408, 409, 100, 503); `nil` for an ordinary
    /// message.
    var status: Int? {
        guard natsMsg_GetDataLength(pointer) == 0 else { return nil }
        return header("Status").flatMap { Int($0) }
    }

    /// The last value of one of NATS's own headers. What the server says of a message it puts behind what the publisher
    /// has written, who may have written a header of that name too.
    func header(_ name: String) -> String? {
        var values: UnsafeMutablePointer<UnsafePointer<CChar>?>?
        var count: Int32 = 0
        guard natsMsgHeader_Values(pointer, name, &values, &count) == NATS_OK, let values else { return nil }
        defer { free(values) }
        return count > 0 ? values[Int(count) - 1].map { String(cString: $0) } : nil
    }
}

/// Our side of one subscription: it outlives connections, on each of which it is subscribed anew.
final class Listener: Sendable {
    /// On which thread its messages are handed out.
    enum Delivery: Sendable {
        /// On the link's own, which looks at each such listener whenever it has read: for the few that a process serves
        /// requests by. Of the server's words without content (`status`) these get none. What is handed out must not
        /// block.
        case link
        /// On the library's delivery thread: for any number.
        case library
    }

    let subject: String
    let queue: String?
    let delivery: Delivery
    /// Called for one message at a time.
    let receive: @Sendable (IncomingMessage) -> Void

    private let state = Mutex(State())

    private struct State {
        var handle: SubscriptionHandle?
        var generation: UInt = 0
        var isClosed = false
        /// Called once the last message has been handed out.
        var whenDone: (@Sendable () -> Void)?
    }

    init(
        _ subject: String, queue: String? = nil, delivery: Delivery = .library,
        receive: @escaping @Sendable (IncomingMessage) -> Void
    ) {
        self.subject = subject
        self.queue = queue
        self.delivery = delivery
        self.receive = receive
    }

    /// Subscribes on `connection`, unless that is done or the listener has been closed.
    func attach(to connection: NATSConnection) throws(TransportError) {
        let outcome: Result<SubscriptionHandle?, TransportError> = state.withLock { state in
            guard !state.isClosed, state.generation != connection.generation else { return .success(nil) }
            do throws(TransportError) {
                let handle = try subscribe(on: connection)
                let old = state.handle
                state.handle = handle
                state.generation = connection.generation
                return .success(old)
            } catch {
                return .failure(error)
            }
        }
        if let old = try outcome.get() { Graveyard.bury(old) }
    }

    private func subscribe(on connection: NATSConnection) throws(TransportError) -> SubscriptionHandle {
        switch delivery {
        case .link: return try connection.subscribe(subject, queue: queue)
        case .library:
            let closure = Unmanaged.passRetained(self)
            do throws(TransportError) {
                return try connection.subscribe(
                    subject, queue: queue, messageArrived, completed: listenerCompleted, closure: closure.toOpaque())
            } catch {
                closure.release()
                throw error
            }
        }
    }

    /// Hands out what has been read for it. On the link's thread; does nothing for one whose messages the library hands
    /// out.
    func handOut() {
        guard delivery == .link, let handle = state.withLock({ $0.handle }) else { return }
        while true {
            switch handle.next() {
            case .message(let message):
                receive(message)
                natsMsg_Destroy(message.pointer)
            case .none: return
            case .ended: return completed()
            }
        }
    }

    /// Ends the subscription at once.
    func close() {
        let handle = state.withLock { state in
            state.isClosed = true
            return state.handle
        }
        handle?.unsubscribe()
        // The library tells of the end of those alone whose messages it hands out.
        if delivery == .link { completed() }
    }

    /// Ends the subscription after what has been received is handed out; calls `done` then, or at once when there is
    /// none.
    func drain(milliseconds: Int64, done: @escaping @Sendable () -> Void) {
        let handle = state.withLock { state -> SubscriptionHandle? in
            state.isClosed = true
            if state.handle != nil { state.whenDone = done }
            return state.handle
        }
        guard let handle else { return done() }
        handle.drain(milliseconds: milliseconds)
    }

    /// The library will not call again for the subscription of one connection.
    fileprivate func completed() {
        let (handle, done) = state.withLock { state -> (SubscriptionHandle?, (@Sendable () -> Void)?) in
            // An open listener's is replaced on the next connection.
            guard state.isClosed else { return (nil, nil) }
            defer {
                state.handle = nil
                state.whenDone = nil
            }
            return (state.handle, state.whenDone)
        }
        if let handle { Graveyard.bury(handle) }
        done?()
    }
}

// A listener is retained once for each subscription made and released by the library's last call for it, so the pointer
// is good in every call.
private let messageArrived: natsMsgHandler = { _, _, message, closure in
    guard let message, let closure else { return }
    Unmanaged<Listener>.fromOpaque(closure).takeUnretainedValue().receive(IncomingMessage(pointer: message))
    natsMsg_Destroy(message)
}

private let listenerCompleted: natsOnCompleteCB = { closure in
    guard let closure else { return }
    Unmanaged<Listener>.fromOpaque(closure).takeRetainedValue().completed()
}
