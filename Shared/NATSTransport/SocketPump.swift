import CNats
import Glibc
import Synchronization
import Threads

/// Moves the bytes of one connection, on the link's thread, in place of the library's own threads.
///
/// A publish then only appends to the library's buffer and signals, and what many tasks publish at about the same time
/// goes out in one write. The library's own ways are one write for each message on the publisher's thread, or a delay
/// of a millisecond.
///
/// The library calls `attached`, `wants…` and `detached` from any thread; the other methods are for the link's thread.
final class SocketPump: Sendable {
    private let wakeup: Wakeup
    private let standstill: Standstill
    private let socket = Atomic<Int32>(-1)
    private let wantsRead = Atomic<Bool>(false)
    private let wantsWrite = Atomic<Bool>(false)
    /// When the system's buffer was found full, on the clock of `monotonicNow()`; 0 while it is not.
    private let blockedAt = Atomic<Int64>(0)

    init(wakeup: Wakeup, standstill: Standstill) {
        self.wakeup = wakeup
        self.standstill = standstill
    }

    /// Makes the library use this pump for the connection of `options`. The pump must live as long as that.
    func install(in options: OpaquePointer?) -> natsStatus {
        natsOptions_SetEventLoop(
            options, Unmanaged.passUnretained(self).toOpaque(), pumpAttached, pumpWantsRead, pumpWantsWrite,
            pumpDetached)
    }

    fileprivate func attached(_ socket: Int32) { self.socket.store(socket, ordering: .releasing) }

    fileprivate func wantsRead(_ wants: Bool) {
        wantsRead.store(wants, ordering: .releasing)
        if wants { wakeup.signal() }
    }

    fileprivate func wantsWrite(_ wants: Bool) {
        wantsWrite.store(wants, ordering: .releasing)
        if wants { wakeup.signal() }
    }

    fileprivate func detached() {
        socket.store(-1, ordering: .releasing)
        wakeup.signal()
    }

    /// Waits for something to do, for up to `milliseconds`, and does it.
    func run(_ connection: OpaquePointer, milliseconds: Int) {
        var events: Int16 = 0
        if wantsRead.load(ordering: .acquiring) { events |= Int16(POLLIN) }
        if isBlocked { events |= Int16(POLLOUT) }
        let ready = wakeup.wait(
            milliseconds: Int32(milliseconds), socket: socket.load(ordering: .acquiring), events: events)
        standstill.looked(now: monotonicNow())
        // An error is found by reading.
        if ready & ~Int16(POLLOUT) != 0 { natsConnection_ProcessReadEvent(connection) }
        if ready & Int16(POLLOUT) != 0 { blockedAt.store(0, ordering: .relaxed) }
        if wantsWrite.load(ordering: .acquiring), !isBlocked {
            // Whoever else is about to publish goes first, when the processors are busy: more goes out in one write.
            sched_yield()
            natsConnection_ProcessWriteEvent(connection)
            // The library takes its wish back when all is written. When it was taken back and made again meanwhile, the
            // socket is at once found ready.
            if wantsWrite.load(ordering: .acquiring) { blockedAt.store(monotonicNow(), ordering: .relaxed) }
        }
    }

    /// Whether the server has taken nothing for two seconds although there is something to send.
    func isStuck(now: Int64) -> Bool { isBlocked && now - blockedAt.load(ordering: .relaxed) > 2_000_000_000 }

    private var isBlocked: Bool { blockedAt.load(ordering: .relaxed) != 0 }
}

private func pump(_ pointer: UnsafeMutableRawPointer?) -> SocketPump? {
    // The connection that calls keeps its pump alive: see `NATSConnection.pump`.
    pointer.map { Unmanaged<SocketPump>.fromOpaque($0).takeUnretainedValue() }
}

private let pumpAttached: natsEvLoop_Attach = { data, loop, _, socket in
    data?.pointee = loop
    pump(loop)?.attached(socket)
    pump(loop)?.wantsRead(true)
    return NATS_OK
}

private let pumpWantsRead: natsEvLoop_ReadAddRemove = { data, wants in
    pump(data)?.wantsRead(wants)
    return NATS_OK
}

private let pumpWantsWrite: natsEvLoop_WriteAddRemove = { data, wants in
    pump(data)?.wantsWrite(wants)
    return NATS_OK
}

private let pumpDetached: natsEvLoop_Detach = { data in
    pump(data)?.detached()
    return NATS_OK
}
