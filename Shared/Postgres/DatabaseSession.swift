import CLibpq

/// A connection lent to a closure that runs on the connection's own thread. Of no use after the closure has ended.
package final class DatabaseSession {
    /// Autocommit: `autocommit → ended`. Transaction: `unopened → open → ended`, where `unopened` is one whose BEGIN
    /// waits for the first statement to travel with, and `ended` is reached by `executeAndCommit` or by the end of the
    /// closure.
    private enum Phase {
        case autocommit
        case unopened(begin: SQL)
        case open
        case ended
    }

    private let connection: PostgresConnection
    private var phase: Phase
    /// The first error, which decides whether the work is repeated, whatever the closure made of it.
    private(set) var failure: DatabaseError?
    /// Work lost with the connection had no effect, so it may be repeated on another one.
    private(set) var isWithoutEffect = true
    /// See `atCommit`.
    private var lastStatements: (() -> [SQL])?

    init(connection: PostgresConnection, begin: SQL?) {
        self.connection = connection
        phase = begin.map { .unopened(begin: $0) } ?? .autocommit
    }
}

extension DatabaseSession {
    /// One statement in one round trip; in a transaction the first takes BEGIN along. Prepared once per connection, by
    /// its text.
    @discardableResult
    package func execute(_ sql: SQL) throws(DatabaseError) -> Rows {
        let rows: [Rows]
        do {
            rows = try run([sql], thenCommit: false)
        } catch {
            throw error.with(statementIndex: nil)
        }
        guard let first = rows.first else { throw DatabaseError(.misuse, "the statement has no result") }
        return first
    }

    /// The first row of the result, `nil` when it is empty.
    package func first(_ sql: SQL) throws(DatabaseError) -> Row? { try execute(sql).first }

    /// All of `statements` in one round trip. The first error keeps the rest from being executed; its `statementIndex`
    /// says which it was. Outside a transaction they are one by themselves: all or none.
    @discardableResult
    package func pipeline(_ statements: [SQL]) throws(DatabaseError) -> [Rows] {
        try run(statements, thenCommit: false)
    }

    /// `statements` and COMMIT in one round trip; nothing may be executed after it. Only in a transaction.
    ///
    /// As the only call it makes the whole transaction a single round trip.
    @discardableResult
    package func executeAndCommit(_ statements: [SQL]) throws(DatabaseError) -> [Rows] {
        try run(statements, thenCommit: true)
    }

    /// One statement and COMMIT in one round trip.
    @discardableResult
    package func executeAndCommit(_ statement: SQL) throws(DatabaseError) -> Rows {
        guard let rows = try run([statement], thenCommit: true).first else {
            throw DatabaseError(.misuse, "the statement has no result")
        }
        return rows
    }

    /// Has `statements` asked, once, when the transaction is about to commit, for what is executed last in it: their
    /// rows are nobody's, and they travel with the COMMIT, so they cost no round trip. A transaction that is rolled
    /// back does not ask. Only in a transaction, and once.
    package func atCommit(_ statements: @escaping () -> [SQL]) { lastStatements = statements }

    /// A text of several statements, without parameters and results. Outside a transaction it is one by itself.
    package func executeScript(_ script: String) throws(DatabaseError) {
        switch phase {
        case .ended: throw DatabaseSession.afterEnd
        case .unopened: try run([], thenCommit: false, opening: true)
        case .autocommit, .open: break
        }
        if isAutocommit { isWithoutEffect = false }
        do {
            try connection.executeScript(script)
        } catch {
            throw record(error)
        }
    }

    /// Sends `statements`, with BEGIN before them if it still waits, and with the last ones and COMMIT behind them if
    /// `commits`.
    @discardableResult
    private func run(_ statements: [SQL], thenCommit commits: Bool, opening: Bool = false) throws(DatabaseError)
        -> [Rows]
    {
        let last = commits ? takeLastStatements() : []
        var batch = statements
        batch += last
        var prefix = 0
        switch phase {
        case .ended: throw DatabaseSession.afterEnd
        case .autocommit: if commits { throw DatabaseError(.misuse, "there is no transaction to commit") }
        case .unopened(let begin):
            guard opening || !batch.isEmpty else {
                if commits { phase = .ended }
                return []
            }
            batch.insert(begin, at: 0)
            prefix = 1
        case .open:
            // COMMIT of a failed transaction succeeds, as a ROLLBACK; and of one that is over, with a warning.
            if commits, connection.transactionStatus == PQTRANS_INERROR { throw failure ?? DatabaseSession.failed }
            if connection.isUsable, connection.transactionStatus == PQTRANS_IDLE {
                throw record(DatabaseSession.endedByHand)
            }
        }
        if commits { batch.append("commit") }
        guard !batch.isEmpty else { return [] }
        defer { if commits { phase = .ended } else if prefix == 1 { phase = .open } }
        do {
            var rows = try exchangeRefreshing(batch)
            if commits || isAutocommit { isWithoutEffect = false }
            if prefix == 1 { rows.removeFirst() }
            if commits { rows.removeLast(last.count + 1) }
            return rows
        } catch let failure {
            throw record(judge(failure, prefix: prefix, own: statements.count, last: last.count, commits: commits))
        }
    }

    private func takeLastStatements() -> [SQL] {
        defer { lastStatements = nil }
        return lastStatements?() ?? []
    }

    private var isAutocommit: Bool { if case .autocommit = phase { true } else { false } }

    /// Outside a transaction a stale plan did nothing, so the batch is sent again, prepared anew.
    private func exchangeRefreshing(_ batch: [SQL]) throws(ExchangeFailure) -> [Rows] {
        do {
            return try connection.exchange(batch)
        } catch {
            guard isAutocommit, error.error.fault?.isStalePlan ?? false else { throw error }
            return try connection.exchange(batch)
        }
    }

    /// What the failure of a batch means: which of the caller's `own` statements it was, if one, and whether a COMMIT
    /// behind them and the `last` ones may have happened.
    private func judge(
        _ failure: ExchangeFailure, prefix: Int, own: Int, last: Int, commits: Bool
    ) -> DatabaseError {
        let index = failure.statement.map { $0 - prefix }
        let error = failure.error.with(statementIndex: index.flatMap { (0..<own).contains($0) ? $0 : nil })
        // Only the server's own last words say how far it came; a socket that is just closed says nothing.
        let isKnown = index.map { $0 < own + last } ?? false
        guard error.endsConnection else { return error }
        if commits, !isKnown {
            isWithoutEffect = false
            return DatabaseError(
                .commitOutcomeUnknown, "the connection was lost after COMMIT was sent", fault: error.fault,
                backend: connection.backend, cause: failure.error)
        }
        if isAutocommit, !isKnown { isWithoutEffect = false }
        return error
    }

    private func record(_ error: DatabaseError) -> DatabaseError {
        // A server that takes no writes any more takes none on this connection either: the next one looks for another.
        if error.code == .server(.readOnlyTransaction) { connection.abandon() }
        if failure == nil { failure = error }
        return error
    }

    private static let failed = DatabaseError(.misuse, "the transaction has failed and cannot be committed")
    private static let endedByHand = DatabaseError(.misuse, "the transaction was ended by a statement of its closure")
    private static let afterEnd = DatabaseError(.misuse, "a statement after the end of its transaction or closure")
}

extension DatabaseSession {
    /// Ends an autocommit session. Throws `.misuse` if the closure left a transaction open, which is then rolled back.
    func finish() throws(DatabaseError) {
        phase = .ended
        guard connection.isUsable, connection.transactionStatus != PQTRANS_IDLE else { return }
        rollBack()
        throw record(DatabaseError(.misuse, "a transaction was begun outside withTransaction"))
    }

    /// Commits, unless it was done, or nothing was executed. Throws the first error of a transaction that failed
    /// without its closure minding.
    func commit() throws(DatabaseError) {
        switch phase {
        case .ended, .autocommit: return
        case .unopened: try run([], thenCommit: true)
        case .open:
            if let failure, failure.endsConnection || connection.transactionStatus == PQTRANS_INERROR {
                phase = .ended
                rollBack()
                throw failure
            }
            try run([], thenCommit: true)
        }
    }

    /// Rolls back what is open, whichever way it came to be. A connection that cannot even do that is not used again.
    func rollBack() {
        phase = .ended
        guard connection.isUsable, connection.transactionStatus != PQTRANS_IDLE else { return }
        do {
            _ = try connection.exchange(["rollback"])
        } catch {
            connection.abandon()
        }
    }
}
