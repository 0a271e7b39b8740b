/// One row of a result. Decoding copies, so what it gives does not keep the result in memory; the row itself does, all
/// of it.
package struct Row: Sendable {
    private let storage: ResultStorage
    private let index: Int

    init(storage: ResultStorage, index: Int) {
        self.storage = storage
        self.index = index
    }

    /// The value of the first column of exactly this name.
    ///
    /// Throws `.decoding`, with the names of column and types, when there is none, when it has another type, and for a
    /// NULL that is not asked for as an `Optional`.
    package subscript<T: RowValue>(_ name: String, as type: T.Type) -> T {
        get throws(DatabaseError) {
            guard let column = storage.column(named: name) else {
                throw DatabaseError(.decoding, "the result has no column \(name)")
            }
            return try T.decode(cell(column))
        }
    }

    /// The value of the column at `position`, from 0.
    package subscript<T: RowValue>(_ position: Int, as type: T.Type) -> T {
        get throws(DatabaseError) {
            guard position >= 0, position < storage.columnCount else {
                throw DatabaseError(.decoding, "the result has \(storage.columnCount) columns, none at \(position)")
            }
            return try T.decode(cell(position))
        }
    }

    /// The first columns in their order: `try row.decode(Identifier.self, Int.self, String?.self)`.
    package func decode<each T: RowValue>(_ types: repeat (each T).Type) throws(DatabaseError) -> (repeat each T) {
        var position = -1
        func next() -> Int {
            position += 1
            return position
        }
        return (repeat try self[next(), as: (each T).self])
    }

    private func cell(_ column: Int) -> Cell {
        Cell(
            bytes: storage.value(row: index, column: column), type: storage.type(ofColumn: column), storage: storage,
            column: column)
    }
}
