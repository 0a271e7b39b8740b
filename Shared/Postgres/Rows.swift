/// The result of one statement. Values are decoded when asked for, from memory that lives as long as any `Rows` or
/// `Row` of it.
package struct Rows: RandomAccessCollection, Sendable {
    private let storage: ResultStorage
    /// How many rows there are.
    package let endIndex: Int

    init(_ storage: ResultStorage) {
        self.storage = storage
        endIndex = storage.rowCount
    }

    package var startIndex: Int { 0 }

    /// The row at `position`, from 0; outside of the bounds the program ends, as with an array.
    package subscript(position: Int) -> Row {
        precondition(position >= 0 && position < endIndex, "row out of bounds")
        return Row(storage: storage, index: position)
    }

    /// Rows inserted, updated, deleted or selected, as the command tag says; 0 for other commands.
    package var affected: Int { storage.affected }
}
