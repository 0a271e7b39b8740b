/// One value of a result as the server sent it, in PostgreSQL's binary format; or one element of such a value.
package struct Cell {
    /// `nil` is NULL. Valid as long as `storage`.
    let bytes: UnsafeRawBufferPointer?
    let type: PostgresType
    /// Keeps `bytes` alive, and names the column in errors.
    let storage: ResultStorage
    let column: Int

    /// The bytes of a value that is not NULL and is of a type among `accepted`.
    func bytes<T>(for wanted: T.Type, _ accepted: PostgresType...) throws(DatabaseError) -> UnsafeRawBufferPointer {
        guard accepted.contains(type) else { throw mismatch(wanted) }
        return try notNull(wanted)
    }

    func notNull<T>(_ wanted: T.Type) throws(DatabaseError) -> UnsafeRawBufferPointer {
        guard let bytes else {
            throw DatabaseError(
                .decoding, "column \(storage.name(ofColumn: column)) is NULL, which \(wanted) cannot hold")
        }
        return bytes
    }

    func mismatch<T>(_ wanted: T.Type) -> DatabaseError {
        DatabaseError(
            .decoding, "column \(storage.name(ofColumn: column)) is of \(type), which \(wanted) is not read from")
    }

    func malformed<T>(_ wanted: T.Type) -> DatabaseError {
        DatabaseError(
            .decoding, "column \(storage.name(ofColumn: column)) of \(type) has a value that \(wanted) cannot hold")
    }

    /// A big-endian integer of exactly the size of `T`.
    func integer<T: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer, _ type: T.Type) throws(DatabaseError) -> T {
        guard bytes.count == MemoryLayout<T>.size else { throw malformed(T.self) }
        return T(bigEndian: bytes.loadUnaligned(as: T.self))
    }
}
