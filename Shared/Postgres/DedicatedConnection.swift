import Threads

/// A connection held for as long as its advisory locks or LISTENs are needed.
///
/// It never reconnects: once lost, every call throws `.connectionLost`, so that its holder knows that the locks are
/// gone.
package final class DedicatedConnection: Sendable {
    private let mailbox: Mailbox

    private init(mailbox: Mailbox) { self.mailbox = mailbox }

    /// Connects on a thread of its own.
    static func open(_ parameters: ConnectionParameters) async throws -> DedicatedConnection {
        let mailbox = try Mailbox()
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            do {
                try DatabaseError.wrapping { () throws(SystemShortage) in
                    try OSThread.start { mailbox.main(parameters, opened: continuation) }
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
        return DedicatedConnection(mailbox: mailbox)
    }

    /// Closes the connection after what was begun. Its thread has ended when this returns.
    func close() async { await mailbox.close() }

    /// `false` does not promise that the next call succeeds.
    package var isLost: Bool { mailbox.isLost }

    /// Calls `body` once the connection is lost or closed, at once if it is; in the place of what was given before.
    func whenLost(_ body: @escaping @Sendable () -> Void) { mailbox.whenLost(body) }

    /// Runs `body` with autocommit on this connection. Calls from several tasks follow one another.
    @discardableResult
    package func run<R: Sendable>(_ body: @Sendable @escaping (DatabaseSession) throws -> R) async throws -> R {
        try await run(Program(begin: nil, isIdempotent: false, body: body))
    }

    /// Runs `body` between BEGIN and COMMIT; repeats on serialization failures and deadlocks as
    /// `Database.withTransaction` does.
    @discardableResult
    package func withTransaction<R: Sendable>(
        isolation: TransactionIsolation = .readCommitted, readOnly: Bool = false,
        _ body: @Sendable @escaping (DatabaseSession) throws -> R
    ) async throws -> R {
        try await run(Program(begin: isolation.begin(readOnly: readOnly), isIdempotent: false, body: body))
    }

    /// The channels notified since the last call, each once, in order. Waits for one: until `timeout` or `wake()`, then
    /// returns none.
    ///
    /// Throws `.connectionLost` as soon as the connection is lost, `CancellationError` when cancelled, `.misuse` when
    /// somebody waits already. LISTEN by `run { try $0.execute("listen …") }` first.
    package func notifications(timeout: Duration) async throws -> [String] {
        let ticket = Work.Ticket()
        let deadline = Deadline.after(timeout)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { mailbox.wait(ticket, until: deadline, $0) }
        } onCancel: {
            mailbox.cancel(ticket)
        }
    }

    /// Ends the running `notifications`, or else the next one, at once. From anywhere, and cheap.
    package func wake() { mailbox.wake() }

    private func run<R: Sendable>(_ program: Program<R>) async throws -> R {
        let ticket = Work.Ticket()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                mailbox.submit(.make(program, ticket: ticket, deadline: .now, continuation: $0))
            }
        } onCancel: {
            mailbox.cancel(ticket)
        }
    }
}
