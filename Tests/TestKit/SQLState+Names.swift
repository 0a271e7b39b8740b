package import Postgres

/// Those that only tests name.
extension SQLState {
    package static let numericValueOutOfRange = SQLState(rawValue: "22003")
    package static let datetimeFieldOverflow = SQLState(rawValue: "22008")
    package static let divisionByZero = SQLState(rawValue: "22012")
    package static let characterNotInRepertoire = SQLState(rawValue: "22021")
    package static let invalidTextRepresentation = SQLState(rawValue: "22P02")
    package static let notNullViolation = SQLState(rawValue: "23502")
    package static let foreignKeyViolation = SQLState(rawValue: "23503")
    package static let checkViolation = SQLState(rawValue: "23514")
    package static let exclusionViolation = SQLState(rawValue: "23P01")
    package static let activeSQLTransaction = SQLState(rawValue: "25001")
    package static let syntaxError = SQLState(rawValue: "42601")
    package static let undefinedColumn = SQLState(rawValue: "42703")
    package static let undefinedFunction = SQLState(rawValue: "42883")
    package static let undefinedTable = SQLState(rawValue: "42P01")
    package static let duplicateTable = SQLState(rawValue: "42P07")
    package static let diskFull = SQLState(rawValue: "53100")
    package static let tooManyConnections = SQLState(rawValue: "53300")
    package static let queryCanceled = SQLState(rawValue: "57014")
    package static let adminShutdown = SQLState(rawValue: "57P01")
    package static let ioError = SQLState(rawValue: "58030")
    package static let raiseException = SQLState(rawValue: "P0001")
    package static let internalError = SQLState(rawValue: "XX000")
}
