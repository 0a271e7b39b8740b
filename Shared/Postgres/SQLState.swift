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

/// By the names of https://www.postgresql.org/docs/15/errcodes-appendix.html.
extension SQLState {
    package static let connectionFailure = SQLState("08006")
    package static let featureNotSupported = SQLState("0A000")
    package static let stringDataRightTruncation = SQLState("22001")
    package static let numericValueOutOfRange = SQLState("22003")
    package static let invalidDatetimeFormat = SQLState("22007")
    package static let datetimeFieldOverflow = SQLState("22008")
    package static let divisionByZero = SQLState("22012")
    package static let characterNotInRepertoire = SQLState("22021")
    package static let invalidTextRepresentation = SQLState("22P02")
    package static let notNullViolation = SQLState("23502")
    package static let foreignKeyViolation = SQLState("23503")
    package static let uniqueViolation = SQLState("23505")
    package static let checkViolation = SQLState("23514")
    package static let exclusionViolation = SQLState("23P01")
    package static let activeSQLTransaction = SQLState("25001")
    package static let readOnlyTransaction = SQLState("25006")
    package static let inFailedSQLTransaction = SQLState("25P02")
    package static let idleInTransactionTimeout = SQLState("25P03")
    package static let invalidStatementName = SQLState("26000")
    package static let invalidAuthorization = SQLState("28000")
    package static let invalidPassword = SQLState("28P01")
    package static let undefinedDatabase = SQLState("3D000")
    package static let serializationFailure = SQLState("40001")
    package static let deadlockDetected = SQLState("40P01")
    package static let insufficientPrivilege = SQLState("42501")
    package static let syntaxError = SQLState("42601")
    package static let undefinedColumn = SQLState("42703")
    package static let undefinedFunction = SQLState("42883")
    package static let undefinedTable = SQLState("42P01")
    package static let duplicateTable = SQLState("42P07")
    package static let indeterminateDatatype = SQLState("42P18")
    package static let diskFull = SQLState("53100")
    package static let outOfMemory = SQLState("53200")
    package static let tooManyConnections = SQLState("53300")
    package static let lockNotAvailable = SQLState("55P03")
    package static let queryCanceled = SQLState("57014")
    package static let adminShutdown = SQLState("57P01")
    package static let crashShutdown = SQLState("57P02")
    package static let cannotConnectNow = SQLState("57P03")
    package static let databaseDropped = SQLState("57P04")
    package static let ioError = SQLState("58030")
    package static let raiseException = SQLState("P0001")
    package static let internalError = SQLState("XX000")
}
