import CLibpq

/// What PostgreSQL said of an error: https://www.postgresql.org/docs/15/protocol-error-fields.html
package struct ServerFault: Sendable, Hashable {
    /// The five characters by which programs tell errors apart, whatever the server's language.
    package var sqlState: SQLState
    /// `ERROR`, `FATAL` or `PANIC`, whatever the server's language.
    package var severity: String
    /// May quote a value in data exceptions (class 22); `DatabaseError.message` is the one fit for logs.
    package var message: String
    /// What was violated; set for violations of a constraint.
    package var constraint: String?
    /// The column that the error is about, as with a NULL that must not be.
    package var column: String?
    /// The function of the server's source that complained; the only stable mark of some errors.
    package var routine: String?

    /// The server ended the connection with this error.
    var isFatal: Bool { severity == "FATAL" || severity == "PANIC" }

    /// A prepared statement that the server no longer runs as it was prepared: its result type changed, or it is gone.
    var isStalePlan: Bool {
        sqlState == .featureNotSupported && routine == "RevalidateCachedQuery" || sqlState == .invalidStatementName
    }

    /// The primary message, except where it would quote a value.
    var loggableMessage: String {
        var text = sqlState.class == "22" ? "data exception" : message
        if let constraint { text += " (constraint \(constraint))" }
        if let column { text += " (column \(column))" }
        return text
    }
}

extension ServerFault {
    /// The fields of a failed result; `nil` when the error is libpq's own, which has no SQLSTATE.
    init?(result: OpaquePointer) {
        func field(_ code: Int32) -> String? { PQresultErrorField(result, code).map { String(cString: $0) } }
        guard let state = field(DiagnosticField.sqlState) else { return nil }
        self.init(
            sqlState: SQLState(rawValue: state), severity: field(DiagnosticField.severity) ?? "ERROR",
            message: field(DiagnosticField.message) ?? "", constraint: field(DiagnosticField.constraint),
            column: field(DiagnosticField.column), routine: field(DiagnosticField.routine))
    }
}

/// The letters of `PG_DIAG_…`, which are C macros of characters that Swift does not import.
private enum DiagnosticField {
    static let severity = Int32(UInt8(ascii: "V"))
    static let sqlState = Int32(UInt8(ascii: "C"))
    static let message = Int32(UInt8(ascii: "M"))
    static let column = Int32(UInt8(ascii: "c"))
    static let constraint = Int32(UInt8(ascii: "n"))
    static let routine = Int32(UInt8(ascii: "R"))
}
