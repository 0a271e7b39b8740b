/// The five characters PostgreSQL classifies an error by: https://www.postgresql.org/docs/15/errcodes-appendix.html
package struct SQLState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// - Parameter rawValue: five characters; one without a name below is no fault.
    package init(rawValue: String) { self.rawValue = rawValue }

    private init(_ rawValue: String) { self.rawValue = rawValue }

    /// The first two characters: the kind of error for those that have no name here.
    package var `class`: String { String(rawValue.prefix(2)) }

    package var description: String { rawValue }
}

/// Those that something here is decided by, by the names of https://www.postgresql.org/docs/15/errcodes-appendix.html.
extension SQLState {
    package static let featureNotSupported = SQLState("0A000")
    package static let uniqueViolation = SQLState("23505")
    package static let readOnlyTransaction = SQLState("25006")
    package static let idleInTransactionTimeout = SQLState("25P03")
    package static let transactionTimeout = SQLState("25P04")
    package static let invalidStatementName = SQLState("26000")
    package static let serializationFailure = SQLState("40001")
    package static let deadlockDetected = SQLState("40P01")
    package static let objectInUse = SQLState("55006")
    package static let lockNotAvailable = SQLState("55P03")
}
