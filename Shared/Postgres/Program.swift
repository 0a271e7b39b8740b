import Glibc

/// A closure and how it is to be run: with autocommit or in a transaction, and when it is repeated.
struct Program<R: Sendable>: Sendable {
    /// How a run ended, repeats included.
    enum Outcome {
        case success(R)
        case failure(any Error)
        /// The connection was lost, and nothing was done.
        case lost(any Error)
    }

    /// `nil` for autocommit.
    let begin: SQL?
    /// Autocommit only: a second run does no harm, even after a first one that came to its end.
    let isIdempotent: Bool
    /// Transactions only: a lock that others hold is asked for again; ten times the server's `lock_timeout` in all.
    var waitsForLocks = true
    let body: @Sendable (DatabaseSession) throws -> R

    /// Repeats of a transaction that others got in the way of.
    private static var repeats: Int { 3 }
    private static var repeatsForLocks: Int { 9 }

    func run(on connection: PostgresConnection) -> Outcome {
        connection.checkLiveness()
        var attempt = 0
        while true {
            let session = DatabaseSession(connection: connection, begin: begin)
            let error: any Error
            do {
                let value = try body(session)
                if begin == nil { try session.finish() } else { try session.commit() }
                return .success(value)
            } catch let thrown {
                error = thrown
                session.rollBack()
            }
            guard let failure = session.failure else { return .failure(error) }
            if failure.isLoss {
                return session.isWithoutEffect || isIdempotent && begin == nil ? .lost(error) : .failure(error)
            }
            guard begin != nil, session.isWithoutEffect, connection.isUsable, attempt < repeats(after: failure) else {
                return .failure(error)
            }
            attempt += 1
            pause(after: attempt)
        }
    }

    /// How often the transaction may be run again in all, after a failure by which it had no effect.
    private func repeats(after failure: DatabaseError) -> Int {
        switch failure.code {
        case .server(.lockNotAvailable): waitsForLocks ? Program.repeatsForLocks : 0
        case .server(.serializationFailure), .server(.deadlockDetected): Program.repeats
        case .server: failure.fault?.isStalePlan ?? false ? Program.repeats : 0
        default: 0
        }
    }

    /// Lets those that got in the way pass: at most 2, 4, 8 ms, each time another length so that two do not meet again.
    private func pause(after attempt: Int) {
        usleep(UInt32.random(in: 200...(1000 << UInt32(min(attempt, 3)))))
    }
}

extension DatabaseError {
    /// The connection broke. Not when it was closed for being too slow: then a repeat would be, too.
    fileprivate var isLoss: Bool {
        switch code {
        case .connectionLost: true
        case .server(let state): endsConnection && state != .idleInTransactionTimeout
        default: false
        }
    }
}
