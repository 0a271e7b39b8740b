import Synchronization
import Threads

/// What a held connection's thread and its callers share; the connection itself stays on the thread.
final class Mailbox: Sendable {
    private let wakeup: Wakeup
    private let state = Mutex(State())

    /// Calls that may wait for their turn; the next is refused.
    private static let bound = 1024

    private struct Waiter {
        var ticket: Work.Ticket
        var deadline: Deadline
        var continuation: CheckedContinuation<[String], any Error>
    }

    private struct State {
        var queue = WorkQueue()
        var waiter: Waiter?
        /// Notified and not yet asked for, each once.
        var channels: [String] = []
        var isWoken = false
        var isClosing = false
        /// Why the connection is no more.
        var end: DatabaseError?
        var closing: [CheckedContinuation<Void, Never>] = []
        /// Called when the connection is no more.
        var whenLost: (@Sendable () -> Void)?

        /// What the waiter is to be told, if anything.
        mutating func answer() -> (Waiter, [String])? {
            guard let waiter, !channels.isEmpty || isWoken || waiter.deadline.isPast else { return nil }
            defer {
                self.waiter = nil
                channels = []
                isWoken = false
            }
            return (waiter, channels)
        }
    }

    init() throws(DatabaseError) { wakeup = try DatabaseError.wrapping(Wakeup.init) }

    var isLost: Bool { state.withLock { $0.end != nil } }

    func whenLost(_ body: @escaping @Sendable () -> Void) {
        let isLost = state.withLock { state in
            if state.end == nil { state.whenLost = body }
            return state.end != nil
        }
        if isLost { body() }
    }
}

// MARK: Callers

extension Mailbox {
    func submit(_ work: Work) {
        let refusal: (any Error)? = state.withLock { state in
            if work.ticket.isCancelled.load(ordering: .relaxed) { return CancellationError() }
            if let end = state.end { return end }
            if state.isClosing { return Mailbox.closed }
            if state.queue.count >= Mailbox.bound {
                return DatabaseError(.poolExhausted, "too many calls wait for the connection")
            }
            state.queue.append(work)
            return nil
        }
        if let refusal { work.refuse(refusal) } else { wakeup.signal() }
    }

    func wait(_ ticket: Work.Ticket, until deadline: Deadline, _ continuation: CheckedContinuation<[String], any Error>)
    {
        let refusal: (any Error)? = state.withLock { state in
            if ticket.isCancelled.load(ordering: .relaxed) { return CancellationError() }
            if let end = state.end { return end }
            if state.isClosing { return Mailbox.closed }
            if state.waiter != nil { return DatabaseError(.misuse, "somebody waits for notifications already") }
            state.waiter = Waiter(ticket: ticket, deadline: deadline, continuation: continuation)
            return nil
        }
        if let refusal { continuation.resume(throwing: refusal) } else { wakeup.signal() }
    }

    func cancel(_ ticket: Work.Ticket) {
        // Set before the lock is taken: what is not there by then is refused on its way in.
        ticket.isCancelled.store(true, ordering: .relaxed)
        let (work, waiter) = state.withLock { state -> (Work?, Waiter?) in
            guard let waiter = state.waiter, waiter.ticket === ticket else { return (state.queue.remove(ticket), nil) }
            state.waiter = nil
            return (nil, waiter)
        }
        work?.refuse(CancellationError())
        waiter?.continuation.resume(throwing: CancellationError())
    }

    func wake() {
        state.withLock { $0.isWoken = true }
        wakeup.signal()
    }

    func close() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                state.isClosing = true
                if state.end == nil { state.closing.append(continuation) }
                return state.end != nil
            }
            if isOver { continuation.resume() } else { wakeup.signal() }
        }
    }

    private static let closed = DatabaseError(.closed, "the connection is closed")
}

// MARK: Thread

extension Mailbox {
    /// The thread's main function. The connection never leaves it.
    func main(_ parameters: ConnectionParameters, opened: CheckedContinuation<Void, any Error>) {
        do {
            let connection = try PostgresConnection.open(parameters)
            opened.resume()
            let isClosed = serve(connection)
            end(isClosed ? Mailbox.closed : DatabaseError(.connectionLost, connection.libpqMessage))
        } catch {
            opened.resume(throwing: error)
        }
    }

    /// `true` when told to close, `false` when the connection is lost.
    private func serve(_ connection: PostgresConnection) -> Bool {
        while connection.isUsable {
            let (work, isClosing) = state.withLock { ($0.queue.popFirst(), $0.isClosing) }
            if let work {
                if case .done(let answer) = work.run(connection, false) { answer() }
            } else if isClosing {
                return true
            } else {
                let deadline = state.withLock { $0.waiter?.deadline }
                let isReady = wakeup.wait(socket: connection.socket, until: deadline)
                if isReady { connection.readUnasked() }
            }
            deliver(connection.takeNotifications())
        }
        return false
    }

    private func deliver(_ notified: [String]) {
        let answer = state.withLock { state in
            for channel in notified where !state.channels.contains(channel) { state.channels.append(channel) }
            return state.answer()
        }
        if let (waiter, channels) = answer { waiter.continuation.resume(returning: channels) }
    }

    private func end(_ error: DatabaseError) {
        let (works, waiter, closing, whenLost) = state.withLock { state in
            state.end = error
            defer {
                state.waiter = nil
                state.closing = []
                state.whenLost = nil
            }
            return (state.queue.removeExpired(at: nil), state.waiter, state.closing, state.whenLost)
        }
        whenLost?()
        for work in works { work.refuse(error) }
        waiter?.continuation.resume(throwing: error)
        for continuation in closing { continuation.resume() }
    }
}
