import CNats
import Glibc
import Synchronization
import Threads

/// Moves the bytes of one connection in place of the library's own threads.
///
/// A publish then only appends to the library's buffer, and what is published in one turn of an event loop goes out in
/// one write, at the end of that turn and on its thread; what other threads publish is written by the link's. The
/// library's own ways are one write for each message on the publisher's thread, or a delay of a millisecond.
///
/// The library calls `attached`, `wants…` and `detached` from any thread; `run` is for the link's thread.
final class SocketPump: Sendable {
    private let wakeup: Wakeup
    private let standstill: Standstill
    private let socket = Atomic<Int32>(-1)
    private let wantsRead = Atomic<Bool>(false)
    private let wantsWrite = Atomic<Bool>(false)
    /// Publishes under way: each sees to it itself that what is in the buffer then is sent.
    private let publishing = Atomic<Int>(0)
    /// The link's thread, from the first time that it runs.
    private let owner = Atomic<UInt>(0)
    /// When the system's buffer was found full, on the clock of `monotonicNow()`; 0 while it is not.
    private let blockedAt = Atomic<Int64>(0)
    /// Whoever reads or writes the socket: with TLS it must be one at a time.
    private let inUse = Mutex(())

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
        wantsWrite.store(wants, ordering: .sequentiallyConsistent)
        // What is not published by us is a word of the library's own.
        if wants, publishing.load(ordering: .sequentiallyConsistent) == 0 { wakeup.signal() }
    }

    fileprivate func detached() {
        socket.store(-1, ordering: .releasing)
        wakeup.signal()
    }

    // MARK: Publishing

    /// Something is about to be put into the buffer.
    func beginPublish() { publishing.wrappingAdd(1, ordering: .sequentiallyConsistent) }

    /// It has been.
    /// - Returns: whether the caller has to see to it that the buffer is sent, by `send` or by `wake`. What the link's
    ///   own thread publishes is sent in its next round.
    func endPublish() -> Bool {
        publishing.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        return wantsWrite.load(ordering: .sequentiallyConsistent) && owner.load(ordering: .relaxed) != pthread_self()
    }

    /// Has the link's thread send what is in the buffer.
    func wake() { wakeup.signal() }

    /// Sends what is in the buffer, on any thread.
    /// - Returns: `false` when something is left that only the link's thread can see to.
    func send(_ connection: OpaquePointer) -> Bool {
        guard !isBlocked else { return false }
        return inUse.withLockIfAvailable { _ in write(connection) } ?? false
    }

    /// Writes what is in the buffer; with `inUse` only, as the library takes a buffer that somebody else has emptied for
    /// the end of the connection.
    /// - Returns: whether all of it is out.
    private func write(_ connection: OpaquePointer) -> Bool {
        guard wantsWrite.load(ordering: .sequentiallyConsistent) else { return true }
        natsConnection_ProcessWriteEvent(connection)
        // The library takes its wish back when all is written. When it was made again meanwhile, the socket is at once
        // found ready.
        return !wantsWrite.load(ordering: .sequentiallyConsistent)
    }

    // MARK: The link's thread

    /// Waits for something to do, for up to `milliseconds`, and does it: reads, calls `work`, writes.
    func run(_ connection: OpaquePointer, milliseconds: Int32, work: (_ hasRead: Bool) -> Void) {
        owner.store(pthread_self(), ordering: .relaxed)
        var events: Int16 = 0
        if wantsRead.load(ordering: .acquiring) { events |= Int16(POLLIN) }
        if isBlocked { events |= Int16(POLLOUT) }
        // What this thread has published since the last round is to go out.
        let mayWait = isBlocked || !wantsWrite.load(ordering: .sequentiallyConsistent)
        let ready = wakeup.wait(
            milliseconds: mayWait ? milliseconds : 0, socket: socket.load(ordering: .acquiring), events: events)
        standstill.looked(now: monotonicNow())
        // An error is found by reading.
        let hasRead = ready & ~Int16(POLLOUT) != 0
        if hasRead { inUse.withLock { _ in natsConnection_ProcessReadEvent(connection) } }
        if ready & Int16(POLLOUT) != 0 { blockedAt.store(0, ordering: .relaxed) }
        work(hasRead)
        guard !isBlocked else { return }
        if !inUse.withLock({ _ in write(connection) }) { blockedAt.store(monotonicNow(), ordering: .relaxed) }
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
