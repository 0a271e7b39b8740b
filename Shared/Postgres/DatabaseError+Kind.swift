extension DatabaseError {
    /// What kind of failure an error is. This alone decides what may be done about it: an SQLSTATE says what the server
    /// saw, not what became of the transaction.
    package enum Kind: Sendable, Hashable {
        /// The statement or its values: nothing was done, and the same would fail again. Classes 22, 23, 42 and their
        /// like.
        case work
        /// Others held what it needed: nothing was done, and the same may succeed at once.
        case contention
        /// The database is away, shut, full, slow, read-only or broken. Nothing was done by a transaction; a statement
        /// outside of one may have been executed.
        case database
        /// COMMIT was sent and its answer is missing: all of it was done, or nothing. Never to be repeated; only
        /// looking tells.
        case unknownOutcome
        /// A fault of the calling code or of the configuration.
        case program
    }

    /// Decided by the code, for errors of the server by the class of its SQLSTATE; one that ended the connection is the
    /// database's whatever it says.
    package var kind: Kind {
        switch code {
        case .server(let state): fault?.isFatal ?? false ? .database : state.kind
        case .unavailable, .connectTimeout, .statementTimeout, .connectionLost, .poolExhausted, .acquireTimeout,
            .tooLate, .closed:
            .database
        case .commitOutcomeUnknown: .unknownOutcome
        case .invalidParameter: .work
        case .decoding, .configuration, .misuse: .program
        }
    }
}

extension SQLState {
    /// The kind of an error with this state that did not end its connection. Whatever stands nowhere below counts as
    /// the database's: what is unknown must not be blamed on anybody.
    fileprivate var kind: DatabaseError.Kind {
        switch self {
        case .lockNotAvailable: .contention
        // A server that has become read-only, or closed a transaction for idling, says nothing about the work.
        case .readOnlyTransaction, .idleInTransactionTimeout, .transactionTimeout: .database
        case .objectInUse: .contention
        default:
            switch self.class {
            case "20", "21", "22", "23", "27", "2B", "3F", "42", "44", "P0": .work
            case "40": .contention
            case "03", "0A", "24", "25", "26", "2D", "34", "3B": .program
            default: .database
            }
        }
    }
}
