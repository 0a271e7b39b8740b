/// Whatever goes wrong between a caller and PostgreSQL.
///
/// `message` and `description` carry no parameter values and no password, so they may be logged.
package struct DatabaseError: Error, Sendable {
    /// What a caller can tell apart.
    package enum Code: Sendable, Hashable {
        /// PostgreSQL answered with an error; `fault` has its fields.
        case server(SQLState)
        /// No connection could be made within the time a call waits for one.
        case unavailable
        /// One attempt to connect took longer than `connectTimeout`.
        case connectTimeout
        /// The client's own deadline: the server neither answered nor cancelled the statement. The connection is
        /// closed. The server's own timeout is a `.server` with 57014.
        case statementTimeout
        /// The connection broke; what was running may or may not have been done, unless it was in a transaction: then
        /// it was not.
        case connectionLost
        /// `maxWaiting` calls already wait for a connection.
        case poolExhausted
        /// There are connections, but all stayed busy for `acquireTimeout`.
        case acquireTimeout
        /// The connection broke after COMMIT was sent: the transaction may or may not have been committed.
        case commitOutcomeUnknown
        /// The turn of what waited for a batch came after its deadline: it was not run.
        case tooLate
        /// A column is missing, or has another type, or is NULL.
        case decoding
        /// A text with a NUL, which PostgreSQL cannot hold.
        case invalidParameter
        /// The URL cannot be understood.
        case configuration
        /// A fault of the calling code: a statement after the end of its transaction, transaction control where it may
        /// not be.
        case misuse
        /// The pool or the held connection is shut.
        case closed
    }

    /// What happened, for programs; `kind` says what may be done about it.
    package let code: Code
    /// What happened, without values.
    package let message: String
    /// The server's own account, for `.server` and for a connection the server ended with an error.
    package let fault: ServerFault?
    /// For `.commitOutcomeUnknown`: the process of the server that was asked to commit.
    let backend: Int32?
    /// Which statement of a `pipeline` failed, from 0.
    package let statementIndex: Int?
    /// The error below it, if another layer's made this one; shown in the description.
    package let cause: (any Error)?

    init(
        _ code: Code, _ message: String, fault: ServerFault? = nil, backend: Int32? = nil,
        statementIndex: Int? = nil, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.fault = fault
        self.backend = backend
        self.statementIndex = statementIndex
        self.cause = cause
    }

    /// A fault of the code that calls: of what stands on the driver and has rules of its own.
    package init(misuse message: String) { self.init(.misuse, message) }

    init(_ fault: ServerFault, statementIndex: Int? = nil) {
        self.init(.server(fault.sqlState), fault.loggableMessage, fault: fault, statementIndex: statementIndex)
    }
}

extension DatabaseError {
    /// What the server said, if it said anything. What became of the work is `kind`'s to say.
    package var sqlState: SQLState? { fault?.sqlState }

    /// The constraint that the server names, for violations of one.
    package var constraint: String? { fault?.constraint }

    /// A second row with the same key as `constraint` guards.
    package func isUnique(constraint: String) -> Bool {
        code == .server(.uniqueViolation) && self.constraint == constraint
    }

    /// The connection is of no more use.
    var endsConnection: Bool {
        switch code {
        case .connectionLost, .statementTimeout, .commitOutcomeUnknown: true
        case .server: fault?.isFatal ?? false
        default: false
        }
    }

    func with(statementIndex: Int?) -> DatabaseError {
        DatabaseError(code, message, fault: fault, backend: backend, statementIndex: statementIndex, cause: cause)
    }
}

extension DatabaseError: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String {
        var text = "\(code): \(message)"
        if let statementIndex { text += " (statement \(statementIndex))" }
        if let cause { text += "; cause: \(cause)" }
        return text
    }

    /// The same as `description`: the default one would print the fault's values.
    package var debugDescription: String { description }
}

extension DatabaseError.Code: CustomStringConvertible {
    package var description: String {
        switch self {
        case .server(let state): "server(\(state))"
        case .unavailable: "unavailable"
        case .connectTimeout: "connectTimeout"
        case .statementTimeout: "statementTimeout"
        case .connectionLost: "connectionLost"
        case .poolExhausted: "poolExhausted"
        case .acquireTimeout: "acquireTimeout"
        case .commitOutcomeUnknown: "commitOutcomeUnknown"
        case .tooLate: "tooLate"
        case .decoding: "decoding"
        case .invalidParameter: "invalidParameter"
        case .configuration: "configuration"
        case .misuse: "misuse"
        case .closed: "closed"
        }
    }
}
