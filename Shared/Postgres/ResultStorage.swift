import CLibpq

/// Owns one `PGresult`; freed with the last row that looks into it.
///
/// `@unchecked Sendable` because nothing changes a `PGresult` here after libpq made it, and such a result can be
/// "passed around freely between threads" (https://www.postgresql.org/docs/15/libpq-threading.html); it keeps no
/// reference to its connection.
final class ResultStorage: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQclear(pointer) }

    var rowCount: Int { Int(PQntuples(pointer)) }

    var columnCount: Int { Int(PQnfields(pointer)) }

    /// The number in the command tag: rows selected, inserted, updated or deleted; 0 for other commands.
    var affected: Int {
        var count = 0
        guard let text = PQcmdTuples(pointer) else { return 0 }
        var position = 0
        while text[position] >= 48, text[position] <= 57 {
            count = count * 10 + Int(text[position] - 48)
            position += 1
        }
        return count
    }

    func type(ofColumn column: Int) -> PostgresType { PostgresType(rawValue: PQftype(pointer, Int32(column))) }

    func name(ofColumn column: Int) -> String { PQfname(pointer, Int32(column)).map { String(cString: $0) } ?? "?" }

    /// The first column of exactly this name. (`PQfnumber` would fold its case.)
    func column(named name: String) -> Int? {
        name.withCString { wanted in
            (0..<columnCount).first { column in
                guard let candidate = PQfname(pointer, Int32(column)) else { return false }
                var position = 0
                while candidate[position] == wanted[position] {
                    if candidate[position] == 0 { return true }
                    position += 1
                }
                return false
            }
        }
    }

    /// The bytes of a value, valid as long as the storage; `nil` for NULL. The bounds are the caller's to keep.
    func value(row: Int, column: Int) -> UnsafeRawBufferPointer? {
        guard PQgetisnull(pointer, Int32(row), Int32(column)) == 0 else { return nil }
        return UnsafeRawBufferPointer(
            start: PQgetvalue(pointer, Int32(row), Int32(column)),
            count: Int(PQgetlength(pointer, Int32(row), Int32(column))))
    }
}
