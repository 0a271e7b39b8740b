import CLibpq

/// Why an exchange failed, and how far it came.
struct ExchangeFailure: Error {
    var error: DatabaseError
    /// The first statement that was not executed; `nil` when nobody can tell.
    var statement: Int?
}

/// What is sent for a batch of statements, in order; every step is answered on its own.
private enum Step {
    case prepare(text: String, name: String)
    case deallocate(name: String)
    case execute(statement: Int)
}

extension PostgresConnection {
    /// Executes `batch` in one round trip: all of it is sent, one sync behind it, then all answers are read.
    ///
    /// After the first error the server skips the rest. Outside a transaction the batch is one by itself.
    func exchange(_ batch: [SQL]) throws(ExchangeFailure) -> [Rows] {
        for (index, sql) in batch.enumerated() {
            if let fault = sql.fault { throw ExchangeFailure(error: fault, statement: index) }
        }
        guard isUsable else { throw ExchangeFailure(error: lost(), statement: 0) }
        let steps = send(batch)
        guard let steps, PQpipelineSync(handle) == 1 else {
            defer { abandon() }
            // Nothing was synced, and without it nothing is committed. But a COMMIT commits by itself.
            throw ExchangeFailure(error: lost(), statement: nil)
        }
        return try receive(steps, of: batch)
    }

    private func send(_ batch: [SQL]) -> [Step]? {
        var steps: [Step] = []
        steps.reserveCapacity(batch.count + 2)
        var prepared: [String: String] = [:]
        for (index, sql) in batch.enumerated() {
            let name: String
            if let known = statements.name(of: sql.text) ?? prepared[sql.text] {
                name = known
            } else {
                name = statements.makeName()
                // In a failed transaction nothing but its end is executed: a DEALLOCATE would stand in the way of the
                // ROLLBACK.
                if transactionStatus != PQTRANS_INERROR, prepared.isEmpty {
                    guard sendDeallocations(for: batch, steps: &steps) else { return nil }
                }
                guard PQsendPrepare(handle, name, sql.text, 0, nil) == 1 else { return nil }
                steps.append(.prepare(text: sql.text, name: name))
                prepared[sql.text] = name
            }
            let isSent = sql.parameters.withPointers { values in
                PQsendQueryPrepared(handle, name, Int32(sql.parameterCount), values, nil, nil, 1)
            }
            guard isSent == 1 else { return nil }
            steps.append(.execute(statement: index))
        }
        return steps
    }

    /// Makes room for the statements of `batch` that are not prepared yet.
    private func sendDeallocations(for batch: [SQL], steps: inout [Step]) -> Bool {
        let texts = Set(batch.map(\.text))
        let additions = texts.count { statements.name(of: $0) == nil }
        let victims = statements.victims(before: additions).filter { !texts.contains($0) }
        for name in statements.stale + victims.compactMap({ statements.name(of: $0) }) {
            guard PQsendQueryParams(handle, "deallocate \(name)", 0, nil, nil, nil, nil, 1) == 1 else { return false }
            steps.append(.deallocate(name: name))
        }
        return true
    }

    private func receive(_ steps: [Step], of batch: [SQL]) throws(ExchangeFailure) -> [Rows] {
        var rows: [Rows] = []
        rows.reserveCapacity(batch.count)
        var failure: ExchangeFailure?
        for step in steps {
            do {
                let result = try nextResult()
                switch step {
                case .prepare(let text, let name): statements.insert(text, name: name)
                case .deallocate(let name): statements.remove(name: name)
                case .execute: rows.append(Rows(result))
                }
            } catch {
                // After an error all else is skipped, so that one counts even when the connection then breaks.
                guard isUsable else {
                    throw failure ?? ExchangeFailure(error: error, statement: error.fault == nil ? nil : rows.count)
                }
                guard failure == nil else { continue }
                failure = ExchangeFailure(error: error, statement: rows.count)
                forget(step, of: batch, after: error)
            }
        }
        do {
            try awaitSync()
        } catch {
            // The answers are complete only with the sync: what a statement outside a transaction did is committed by
            // it.
            if failure == nil { failure = ExchangeFailure(error: error, statement: nil) }
        }
        collectNotifications()
        if let failure { throw failure }
        return rows
    }

    /// Lets go of a statement that the server has no more, or not as it was.
    private func forget(_ step: Step, of batch: [SQL], after error: DatabaseError) {
        switch step {
        case .prepare: break
        case .deallocate(let name): statements.remove(name: name)
        case .execute(let statement):
            if error.sqlState == .invalidStatementName {
                statements.removeAll()
            } else if error.fault?.isStalePlan ?? false {
                statements.invalidate(batch[statement].text)
            }
        }
    }

    /// The one result of a step, its end included.
    private func nextResult() throws(DatabaseError) -> ResultStorage {
        var outcome: Result<ResultStorage, DatabaseError>?
        while true {
            try awaitResult()
            guard let pointer = PQgetResult(handle) else { break }
            let result = ResultStorage(pointer)
            let checked = check(result)
            if outcome == nil { outcome = checked }
            if case .failure(let error) = checked, !isUsable || error.code == .misuse {
                abandon()
                throw outcome.flatMap { if case .failure(let first) = $0 { first } else { nil } } ?? error
            }
        }
        guard let outcome else {
            abandon()
            throw DatabaseError(.connectionLost, "a statement was left without an answer")
        }
        return try outcome.get()
    }

    private func check(_ result: ResultStorage) -> Result<ResultStorage, DatabaseError> {
        switch PQresultStatus(result.pointer) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: .success(result)
        case PGRES_PIPELINE_ABORTED: .failure(DatabaseError(.connectionLost, "skipped after an earlier error"))
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            .failure(DatabaseError(.misuse, "COPY cannot be used here; the connection is closed"))
        default:
            .failure(ServerFault(result: result.pointer).map { DatabaseError($0) } ?? lost())
        }
    }

    /// Reads up to the sync. What fails only there is the commit of statements outside a transaction: a deferred
    /// constraint.
    private func awaitSync() throws(DatabaseError) {
        var failure: DatabaseError?
        while true {
            try awaitResult()
            guard let pointer = PQgetResult(handle) else {
                guard isUsable, failure != nil else { throw failure ?? lost() }
                continue
            }
            let result = ResultStorage(pointer)
            if PQresultStatus(result.pointer) == PGRES_PIPELINE_SYNC { break }
            if failure == nil { failure = ServerFault(result: result.pointer).map { DatabaseError($0) } ?? lost() }
        }
        if let failure { throw failure }
    }

    private func lost() -> DatabaseError {
        abandon()
        return DatabaseError(.connectionLost, libpqMessage)
    }

    /// Executes a text of several statements by the simple protocol, which pipeline mode does not have.
    func executeScript(_ script: String) throws(DatabaseError) {
        guard !script.utf8.contains(0) else { throw DatabaseError(.invalidParameter, "the script has a NUL in it") }
        guard isUsable, PQexitPipelineMode(handle) == 1, PQsendQuery(handle, script) == 1 else { throw lost() }
        var failure: DatabaseError?
        while true {
            try awaitResult()
            guard let pointer = PQgetResult(handle) else { break }
            if case .failure(let error) = check(ResultStorage(pointer)) {
                if failure == nil { failure = error }
                guard isUsable, error.code != .misuse else {
                    abandon()
                    break
                }
            }
        }
        collectNotifications()
        if isUsable, PQenterPipelineMode(handle) != 1 { abandon() }
        if let failure { throw failure }
    }
}

extension SQL {
    /// What PostgreSQL or libpq would not take, found before anything is sent.
    fileprivate var fault: DatabaseError? {
        if let number = parameters.firstWithNUL {
            return DatabaseError(.invalidParameter, "parameter $\(number) is a text with a NUL in it")
        }
        if hasNUL { return DatabaseError(.invalidParameter, "the statement has a NUL in it") }
        if parameterCount > Int(UInt16.max) {
            return DatabaseError(.misuse, "a statement takes at most 65535 parameters")
        }
        return nil
    }
}
