import CNats
import Glibc
import Messaging
import Threads

/// Has a closure called on the calling thread when that has done what it is at; `false` when the thread is none that has
/// turns. Several calls in one turn may come together.
package typealias TurnEnd = @Sendable (@escaping @Sendable () -> Void) -> Bool

/// One connection of the C library, from its making to its loss. It does not reconnect by itself: `Link` makes the next
/// one.
///
/// The library's own reconnecting is switched off, because it keeps what is published meanwhile and sends it
/// afterwards, and a request whose caller has long been told of its failure must not be carried out later.
///
/// `@unchecked Sendable`: `pointer` never changes, the library's functions on a connection may be called from any
/// thread, and it is destroyed in `deinit`, when nobody can call one any more.
final class NATSConnection: @unchecked Sendable {
    /// Numbers the connections of a process; also how the library's callbacks name theirs.
    let generation: UInt
    private let pointer: OpaquePointer
    private let pump: SocketPump
    private let atEndOfTurn: TurnEnd

    /// Connects, which blocks for up to two seconds for each server: never call it on a thread that has other work.
    init(
        _ configuration: NATSConfiguration, generation: UInt, wakeup: Wakeup, standstill: Standstill,
        atEndOfTurn: @escaping TurnEnd
    ) throws(ConnectionError) {
        self.generation = generation
        self.atEndOfTurn = atEndOfTurn
        pump = SocketPump(wakeup: wakeup, standstill: standstill)
        var options: OpaquePointer?
        try ConnectionError.check(natsOptions_Create(&options))
        defer { natsOptions_Destroy(options) }
        try Self.configure(options, configuration, UnsafeMutableRawPointer(bitPattern: generation))
        try ConnectionError.check(pump.install(in: options))
        var connection: OpaquePointer?
        try ConnectionError.check(natsConnection_Connect(&connection, options))
        guard let connection else { throw ConnectionError(status: NATS_ERR) }
        pointer = connection
    }

    deinit { natsConnection_Destroy(pointer) }

    private static func configure(
        _ options: OpaquePointer?, _ configuration: NATSConfiguration, _ closure: UnsafeMutableRawPointer?
    ) throws(ConnectionError) {
        let urls = configuration.url.split(separator: ",").map { strdup(String($0)) }
        defer { urls.forEach { free($0) } }
        var servers = urls.map { UnsafePointer<CChar>($0) }
        try ConnectionError.check(natsOptions_SetServers(options, &servers, Int32(servers.count)))
        if let user = configuration.user {
            try ConnectionError.check(natsOptions_SetUserInfo(options, user, configuration.password ?? ""))
        }
        if let file = configuration.certificateAuthorities {
            try ConnectionError.check(natsOptions_LoadCATrustedCertificates(options, file))
        }
        for status in [
            natsOptions_SetName(options, configuration.name),
            natsOptions_SetAllowReconnect(options, false),
            natsOptions_SetTimeout(options, 2000),
            natsOptions_SetPingInterval(options, 5000),
            natsOptions_SetMaxPingsOut(options, 2),
            natsOptions_SetWriteDeadline(options, 2000),
            // Without it a message waits for up to a millisecond before the pump is told of it.
            natsOptions_SetSendAsap(options, true),
            // Without it each subscription whose messages the library hands out has a thread of its own.
            natsOptions_UseGlobalMessageDelivery(options, true),
            natsOptions_SetClosedCB(options, connectionClosed, closure),
            natsOptions_SetErrorHandler(options, connectionError, closure),
        ] {
            try ConnectionError.check(status)
        }
    }

    /// Sends bytes; `reply` is where an answer should go. Returns when they are in the buffer, which the pump empties.
    /// - Throws: `.overloaded` when the server has not taken what is in the buffer for so long that it has grown to 32
    ///   MB.
    func publish(
        _ subject: UnsafePointer<CChar>, reply: UnsafePointer<CChar>?, _ bytes: UnsafeBufferPointer<UInt8>
    ) throws(TransportError) {
        guard Self.isWellFormed(subject) else { throw .failed("malformed subject") }
        if natsConnection_Buffered(pointer) > 32 << 20 { throw .overloaded }
        try sending {
            if let reply {
                natsConnection_PublishRequest(pointer, subject, reply, bytes.baseAddress, Int32(bytes.count))
            } else {
                natsConnection_Publish(pointer, subject, bytes.baseAddress, Int32(bytes.count))
            }
        }
    }

    /// Sends bytes; `reply` is where an answer should go.
    func publish(_ subject: String, reply: String, _ bytes: UnsafeBufferPointer<UInt8>) throws(TransportError) {
        guard Self.isWellFormed(subject) else { throw .failed("malformed subject") }
        try sending {
            natsConnection_PublishRequest(pointer, subject, reply, bytes.baseAddress, Int32(bytes.count))
        }
    }

    /// Sends bytes with the header by which a stream drops repeats.
    func publish(
        _ subject: String, reply: UnsafePointer<CChar>, messageID: String, _ bytes: UnsafeBufferPointer<UInt8>
    ) throws(TransportError) {
        guard Self.isWellFormed(subject) else { throw .failed("malformed subject") }
        var message: OpaquePointer?
        defer { natsMsg_Destroy(message) }
        let created = bytes.withMemoryRebound(to: CChar.self) {
            natsMsg_Create(&message, subject, reply, $0.baseAddress, Int32($0.count))
        }
        try Self.check(created)
        try Self.check(natsMsgHeader_Set(message, "Nats-Msg-Id", messageID))
        try sending { natsConnection_PublishMsg(pointer, message) }
    }

    /// Puts something into the buffer and sees to it that the buffer is sent.
    private func sending(_ publish: () -> natsStatus) throws(TransportError) {
        pump.beginPublish()
        let status = publish()
        if pump.endPublish() { sendSoon() }
        try Self.check(status)
    }

    /// Has the buffer sent by the publishing thread at the end of its turn, if it has turns; else by the link's.
    private func sendSoon() {
        let isTaken = atEndOfTurn { [self] in
            if !pump.send(pointer) { pump.wake() }
        }
        if !isTaken { pump.wake() }
    }

    /// Subscribes; what comes is asked for by the handle's `next`.
    func subscribe(_ subject: String, queue: String?) throws(TransportError) -> SubscriptionHandle {
        var subscription: OpaquePointer?
        let status =
            if let queue {
                natsConnection_QueueSubscribeSync(&subscription, pointer, subject, queue)
            } else {
                natsConnection_SubscribeSync(&subscription, pointer, subject)
            }
        try Self.check(status)
        guard let subscription else { throw .failed("no subscription was made") }
        return SubscriptionHandle(subscription)
    }

    /// Subscribes; the library calls `callback` with `closure` on one of its delivery threads, and `completed` after
    /// the last such call.
    func subscribe(
        _ subject: String, queue: String?, _ callback: natsMsgHandler, completed: natsOnCompleteCB,
        closure: UnsafeMutableRawPointer
    ) throws(TransportError) -> SubscriptionHandle {
        var subscription: OpaquePointer?
        let status =
            if let queue {
                natsConnection_QueueSubscribe(&subscription, pointer, subject, queue, callback, closure)
            } else {
                natsConnection_Subscribe(&subscription, pointer, subject, callback, closure)
            }
        try Self.check(status)
        guard let subscription else { throw .failed("no subscription was made") }
        return SubscriptionHandle(subscription, completed: completed, closure: closure)
    }

    /// Waits for something to do on the socket, for up to `milliseconds`, and does it; calls `work` behind reading and
    /// before writing. For the link's thread.
    func pump(milliseconds: Int32, work: (_ hasRead: Bool) -> Void) {
        pump.run(pointer, milliseconds: milliseconds, work: work)
        // The library's own write deadline does not count when the socket is ours.
        if pump.isStuck(now: monotonicNow()) { close() }
    }

    /// Waits until the server has seen everything sent so far; blocks.
    func flush(milliseconds: Int64) -> Bool { natsConnection_FlushTimeout(pointer, milliseconds) == NATS_OK }

    /// Blocks while the library's threads of this connection end.
    func close() { natsConnection_Close(pointer) }

    var isClosed: Bool { natsConnection_IsClosed(pointer) }

    /// Whether `subject` can stand in a line of the protocol. The library does not look, and a space or a line end in
    /// one would be read by the server as something else.
    static func isWellFormed(_ subject: UnsafePointer<CChar>) -> Bool {
        var position = subject
        while position.pointee != 0 {
            // Bytes of other than ASCII characters are negative here, and fine.
            if (1...32).contains(position.pointee) || position.pointee == 127 { return false }
            position += 1
        }
        return position != subject
    }

    private static func check(_ status: natsStatus) throws(TransportError) {
        switch status {
        case NATS_OK: return
        case NATS_CONNECTION_CLOSED, NATS_CONNECTION_DISCONNECTED, NATS_DRAINING, NATS_IO_ERROR, NATS_TIMEOUT,
            NATS_INSUFFICIENT_BUFFER, NATS_STALE_CONNECTION:
            throw .disconnected
        case NATS_MAX_PAYLOAD: throw .failed("larger than the server takes")
        default: throw .failed(ConnectionError(status: status).description)
        }
    }
}

/// Why the library refused. Its texts are fixed ones per status: the text of the last error belongs to a thread and may
/// be an old one.
struct ConnectionError: Error, CustomStringConvertible {
    var status: natsStatus

    var description: String { natsStatus_GetText(status).map { String(cString: $0) } ?? "status \(status.rawValue)" }

    static func check(_ status: natsStatus) throws(ConnectionError) {
        if status != NATS_OK { throw ConnectionError(status: status) }
    }
}

private let connectionClosed: natsConnectionHandler = { _, closure in
    LinkDirectory.link(UInt(bitPattern: closure))?.closed(generation: UInt(bitPattern: closure))
}

private let connectionError: natsErrHandler = { _, _, status, closure in
    LinkDirectory.link(UInt(bitPattern: closure))?.reported(status)
}
