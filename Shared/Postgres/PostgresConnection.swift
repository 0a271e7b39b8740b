import CLibpq
import Glibc
import Synchronization
import Threads

/// One connection to PostgreSQL, used without ever blocking in libpq: every wait is a `poll` with a deadline.
///
/// Belongs to the thread that opened it, and is never seen by another: it is a local variable of that thread's main
/// function. It stays in libpq's pipeline mode, where sending a statement does not wait for the answer to the one
/// before.
final class PostgresConnection {
    let handle: OpaquePointer
    private let answerTimeout: Duration
    var statements = StatementCache()
    /// Channels notified since `takeNotifications`, each once: so bounded by the channels listened to.
    private var notifications: [String] = []
    /// An answer is missing, so what comes next could not be told from it.
    private(set) var isAbandoned = false

    private init(handle: OpaquePointer, answerTimeout: Duration) {
        self.handle = handle
        self.answerTimeout = answerTimeout
    }

    deinit { PQfinish(handle) }

    var isUsable: Bool { !isAbandoned && PQstatus(handle) == CONNECTION_OK }

    var socket: Int32 { PQsocket(handle) }

    /// The server's process for this connection; known to it by this number as long as it runs.
    var backend: Int32 { PQbackendPID(handle) }

    var transactionStatus: PGTransactionStatusType { PQtransactionStatus(handle) }

    /// Never to be used again. The server, if it still runs something, notices the closed socket.
    func abandon() { isAbandoned = true }
}

extension PostgresConnection {
    /// Connects to the first of the servers that are named to answer and to be what is wanted. Each has an equal share
    /// of the time that is left, so that one that is silent leaves some for the others.
    ///
    /// Throws `.connectTimeout`, or `.unavailable` with what libpq says of it: of the last server.
    static func open(_ parameters: ConnectionParameters) throws(DatabaseError) -> PostgresConnection {
        let servers = parameters.servers
        let deadline = Deadline.after(parameters.connectTimeout)
        // The one that answered last is asked first: a silent one before it would cost its share each time.
        let first = parameters.lastGood.index.load(ordering: .relaxed)
        for attempt in servers.indices {
            let index = (first + attempt) % servers.count
            do {
                let connection = try open(
                    servers[index], until: .share(of: deadline, among: servers.count - attempt))
                parameters.lastGood.index.store(index, ordering: .relaxed)
                return connection
            } catch {
                if attempt == servers.count - 1 { throw error }
            }
        }
        throw DatabaseError(.configuration, "no server is named")
    }

    private static func open(
        _ parameters: ConnectionParameters, until deadline: Deadline
    ) throws(DatabaseError) -> PostgresConnection {
        guard let handle = parameters.withPointers({ PQconnectStartParams($0, $1, 0) }) ?? nil else {
            throw DatabaseError(.unavailable, "no memory for a connection")
        }
        let connection = PostgresConnection(handle: handle, answerTimeout: parameters.answerTimeout)
        // Before anything can come: libpq prints what nobody receives, and waits for whoever reads it.
        connection.receiveNotices()
        try connection.finishConnecting(until: deadline)
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
            throw DatabaseError(.unavailable, connection.libpqMessage)
        }
        return connection
    }

    private func finishConnecting(until deadline: Deadline) throws(DatabaseError) {
        var next = PQstatus(handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while next != PGRES_POLLING_OK {
            guard next != PGRES_POLLING_FAILED else { throw DatabaseError(.unavailable, libpqMessage) }
            let events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT
            guard wait(for: Int16(events), until: deadline) != 0 else {
                throw DatabaseError(.connectTimeout, "connecting took longer than allowed")
            }
            next = PQconnectPoll(handle)
        }
    }

    /// The events the socket is ready for; 0 when the time is up.
    private func wait(for events: Int16, until deadline: Deadline) -> Int16 {
        while true {
            var descriptor = pollfd(fd: socket, events: events, revents: 0)
            let ready = poll(&descriptor, 1, deadline.pollTimeout)
            if ready > 0 { return descriptor.revents }
            if ready == 0, deadline.isPast { return 0 }
            // Anything but an interruption would not go away: the caller then asks libpq, which reports it.
            if ready < 0, errno != EINTR { return events }
        }
    }

    /// libpq's last message in one line.
    var libpqMessage: String {
        let text = String(cString: PQerrorMessage(handle))
        let lines = text.split(whereSeparator: \.isNewline)
        return lines.isEmpty ? "the connection is broken" : lines.joined(separator: "; ")
    }
}

extension PostgresConnection {
    /// Sends what libpq still holds and waits until a result can be had without waiting.
    ///
    /// Throws `.statementTimeout` when the server is silent for longer than `answerTimeout`. A broken connection is not
    /// an error here: the next result then says so.
    func awaitResult() throws(DatabaseError) {
        var unsent = PQflush(handle)
        guard unsent == 1 || PQisBusy(handle) == 1 else { return }
        let deadline = Deadline.after(answerTimeout)
        while unsent == 1 || PQisBusy(handle) == 1 {
            let events = wait(for: Int16(unsent == 1 ? POLLIN | POLLOUT : POLLIN), until: deadline)
            guard events != 0 else {
                abandon()
                throw DatabaseError(.statementTimeout, "the server did not answer in time")
            }
            // Reading first: a server whose own output is full reads nothing more.
            if events != Int16(POLLOUT), !read(while: { PQisBusy(handle) == 1 }) { return }
            if unsent == 1 { unsent = PQflush(handle) }
            if unsent == -1 { return }
        }
    }

    /// Reads what the socket has, while `more` says after each part that it is not enough. `false` when the connection
    /// is broken.
    ///
    /// Not a part more than is needed: when libpq sees the end of the connection, it forgets which answers were to
    /// come, and those that were read before and not yet taken are lost, the server's last words among them.
    private func read(while more: () -> Bool) -> Bool {
        // With TLS a part of what arrived may stay in the library, where poll does not see it: what is left of a record
        // of 16 KiB at most, of which libpq takes 8 KiB or more at a time.
        for _ in 0..<(PQsslInUse(handle) == 1 ? 3 : 1) {
            guard PQconsumeInput(handle) == 1 else { return false }
            guard more() else { break }
        }
        return true
    }

    /// Takes in what came without being asked for: notifications, or the end of the connection.
    func readUnasked() {
        _ = read {
            collectNotifications()
            return isUsable
        }
    }

    /// Looks whether the server ended the connection while it was not in use. Without waiting.
    func checkLiveness() {
        var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        if poll(&descriptor, 1, 0) > 0 { readUnasked() }
    }

    /// Notices would otherwise be written to standard error.
    ///
    /// What the server says when it ends a connection that is not in use is a notice to libpq, read before the end
    /// itself. Work sent between the two would be lost without anybody being able to tell whether it was done.
    private func receiveNotices() {
        let receiver: PQnoticeReceiver = { connection, result in
            guard let connection, let result, let fault = ServerFault(result: result), fault.isFatal else { return }
            Unmanaged<PostgresConnection>.fromOpaque(connection).takeUnretainedValue().abandon()
        }
        // Not retained: libpq calls it only in calls of this object's.
        PQsetNoticeReceiver(handle, receiver, Unmanaged.passUnretained(self).toOpaque())
    }

    func collectNotifications() {
        while let notification = PQnotifies(handle) {
            let channel = String(cString: notification.pointee.relname)
            PQfreemem(notification)
            if !notifications.contains(channel) { notifications.append(channel) }
        }
    }

    func takeNotifications() -> [String] {
        defer { notifications = [] }
        return notifications
    }
}
